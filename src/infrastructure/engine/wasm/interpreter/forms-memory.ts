import { allocateGrowing, wasmPage } from '../../memory/allocate.ts';
import { maxLongWords, shortWords } from './encoding-index.ts';

/** Where the tables of forms lie in their memory, in bytes: generated code reads them too. */
export const formsMemory = {
  /** i32: what a place in the table of encodings of four bytes is masked with. */
  mask: 0,
  short: 0x1000,
  long: 0x1000 + 4 * shortWords,
  /** The forms. */
  words: 0x1000 + 4 * (shortWords + maxLongWords),
} as const;

const pagesFor = (words: number): number => Math.ceil((formsMemory.words + 4 * words) / wasmPage);
const leastWords = 1 << 14;
/** A block's forms may be added when there are almost so many. */
export const mostFormWords = (1 << 24) + (1 << 16);

/** What a module that imports the memory says of its size, in pages of 64 KiB. */
export const formsLimits = { least: pagesFor(leastWords), most: pagesFor(mostFormWords) } as const;

/** The memory of forms, and its views, which are new ones when it has grown. The host gives memory only for what is used. */
export class FormsMemory {
  readonly memory = allocateGrowing(formsLimits.least, formsLimits.most, 'forms');
  header!: Int32Array;
  short!: Int32Array;
  long!: Int32Array;
  words!: Int32Array;

  constructor() {
    this.#view();
  }

  /** Makes room for that many words of forms. */
  reserve(words: number): void {
    if (words <= this.words.length) return;
    const pages = this.memory.buffer.byteLength / wasmPage;
    this.memory.grow(
      Math.min(formsLimits.most, Math.max(pagesFor(words), pagesFor(2 * this.words.length))) - pages,
    );
    this.#view();
  }

  #view(): void {
    const { buffer } = this.memory;
    this.header = new Int32Array(buffer, 0, 1);
    this.short = new Int32Array(buffer, formsMemory.short, shortWords);
    this.long = new Int32Array(buffer, formsMemory.long, maxLongWords);
    this.words = new Int32Array(buffer, formsMemory.words);
  }
}

import { knownEntries, knownEntriesAt } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { record } from './record.ts';
import type { ThreadedArea } from './threaded-area.ts';
import { type ThreadedHead, ThreadedTranslation } from './threaded-translation.ts';

const nothing = { blocks: 0, instructions: 0 } as const;

/**
 * The blocks of threaded code by their address. Most of a large program's are made by generated code and entered a few times: of
 * those there are numbers only, until somebody asks which code they were made from.
 */
export class ThreadedBlocks {
  readonly #area: ThreadedArea;
  readonly #head: ThreadedHead;
  readonly #known: Uint8Array;
  readonly #words: Int32Array;
  /** Head records. */
  readonly #heads = new Map<number, number>();
  /** Blocks of which nobody has decided how often they are to be entered. */
  readonly #undecided = new Set<number>();
  /** The translations in each segment of threaded code; some have been dropped since. */
  readonly #segments: ThreadedTranslation[][];

  constructor(memory: FlatMemory, area: ThreadedArea, head: ThreadedHead) {
    this.#area = area;
    this.#head = head;
    this.#words = new Int32Array(memory.control.buffer);
    this.#known = new Uint8Array(
      memory.control.buffer,
      knownEntriesAt(memory.pageCount),
      1 << (knownEntries.bits - 3),
    );
    this.#segments = Array.from({ length: area.segments }, () => []);
  }

  get size(): number {
    return this.#heads.size;
  }

  /** Takes in what generated code has made, and tells how much. */
  takeNotes(): { readonly blocks: number; readonly instructions: number } {
    if (!this.#area.hasNotes) return nothing;
    let [blocks, instructions] = [0, 0];
    this.#area.takeNotes((address, _, head) => {
      this.#heads.set(address, head);
      blocks++;
      instructions += this.#words[(head + record.left) >> 2]!;
    });
    return { blocks, instructions };
  }

  /** The block at `address`. */
  find(address: number): number | undefined {
    return this.#heads.get(address);
  }

  /** The same, if it was decided how often it is to be entered. */
  entryAt(address: number): number | undefined {
    return this.#undecided.has(address) ? undefined : this.#heads.get(address);
  }

  /** Adds a block of the area's segment that nothing is decided of. */
  add(translation: ThreadedTranslation, segment: number): void {
    this.#heads.set(translation.address, translation.argument);
    this.#undecided.add(translation.address);
    this.#segments[segment]!.push(translation);
    this.mayBeKnown(translation.address);
  }

  /** Has generated code ask for what begins at `address` before it makes a block of it. */
  mayBeKnown(address: number): void {
    const hash = Math.imul(address, knownEntries.factor) >>> (32 - knownEntries.bits);
    this.#known[hash >> 3] = this.#known[hash >> 3]! | (1 << (hash & 7));
  }

  decide(address: number): void {
    this.#undecided.delete(address);
  }

  /** The decision about the block at `address`, if there is one, is to be made anew. */
  undecide(address: number): void {
    if (this.#heads.has(address)) this.#undecided.add(address);
  }

  /** The blocks that were numbers yet, once notes have been taken. */
  settle(): readonly ThreadedTranslation[] {
    const settled: ThreadedTranslation[] = [];
    const segment = this.#segments[this.#area.segment]!;
    this.#area.settleNotes((address, end, head) => {
      const block = new ThreadedTranslation(address, end, head, this.#head);
      settled.push(block);
      segment.push(block);
    });
    return settled;
  }

  /** Whether a translation is the block at its address. */
  has(translation: ThreadedTranslation): boolean {
    return this.#heads.get(translation.address) === translation.argument;
  }

  remove({ address }: ThreadedTranslation): void {
    this.#heads.delete(address);
    this.#undecided.delete(address);
  }

  /** The blocks of a segment, which are to be dropped. */
  takeSegment(segment: number): readonly ThreadedTranslation[] {
    const blocks = this.#segments[segment]!.filter((block) => this.has(block));
    this.#segments[segment] = [];
    return blocks;
  }

  get all(): readonly ThreadedTranslation[] {
    return this.#segments.flatMap((segment) => segment.filter((block) => this.has(block)));
  }

  /** Forgets all segments, whose blocks have been dropped. */
  clear(): void {
    for (const segment of this.#segments) segment.length = 0;
    this.#known.fill(0);
  }
}

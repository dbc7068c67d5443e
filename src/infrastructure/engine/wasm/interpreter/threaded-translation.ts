import { type CodeRange, pagesOf, type Translation } from '../code-map.ts';

/** What all threaded code has in common: it is entered by the interpreter's head. */
export interface ThreadedHead {
  readonly table: number;
  readonly run: CallableFunction;
}

/**
 * A block of the interpreter as a translation, and as the entry and the only piece of itself: large programs have so many blocks, each
 * entered a few times, that the objects of a block cost as much as its code.
 */
export class ThreadedTranslation implements Translation, CodeRange {
  readonly address: number;
  readonly end: number;
  /** Its head record. */
  readonly argument: number;
  readonly #head: ThreadedHead;

  constructor(address: number, end: number, record: number, head: ThreadedHead) {
    this.address = address;
    this.end = end;
    this.argument = record;
    this.#head = head;
  }

  get tier(): 'interpreter' {
    return 'interpreter';
  }
  get table(): number {
    return this.#head.table;
  }
  get run(): CallableFunction {
    return this.#head.run;
  }
  get blocks(): readonly CodeRange[] {
    return [this];
  }
  get pages(): readonly number[] {
    return pagesOf(this.blocks);
  }
  get translation(): Translation {
    return this;
  }
}

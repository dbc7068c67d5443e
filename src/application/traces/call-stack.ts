import type { TimelineItem, Track } from '../ports/timeline-file.ts';

type Span = Extract<TimelineItem, { kind: 'span' }>;

interface Frame {
  readonly category: 'function' | 'signal handler';
  readonly name: string;
  readonly begin: number;
  /** The stack pointer when it was called, and where it returns to. */
  readonly sp: bigint;
  readonly returnsTo: bigint;
}

/**
 * The functions that a thread is in. A return is matched with its call by where it goes and by the stack pointer; frames that the
 * stack pointer has left behind (longjmp) end with it. Stacks grow downwards.
 */
export class CallStack {
  readonly #track: Track;
  readonly #begin: number;
  readonly #frames: Frame[] = [];

  /** `begin`: since when the thread is followed. */
  constructor(track: Track, begin: number) {
    this.#track = track;
    this.#begin = begin;
  }

  call(frame: Frame): void {
    this.#frames.push(frame);
  }

  /** The spans that end by a return to `to` with that stack pointer; `name`: of the function that returns. */
  return(at: number, to: bigint, sp: bigint, name: string): Span[] {
    const ended = this.#endWhere(at, (frame) => frame.sp < sp);
    const top = this.#frames.at(-1);
    if (top?.returnsTo === to && top.sp === sp) return [...ended, this.#end(this.#frames.pop()!, at)];
    if (top !== undefined || ended.length > 0 || at === this.#begin) return ended;
    // It was called before anyone looked.
    return [this.#end({ category: 'function', name, begin: this.#begin, sp, returnsTo: to }, at)];
  }

  /** The spans that end by a return from the innermost signal handler. */
  returnFromHandler(at: number): Span[] {
    const handler = this.#frames.findLastIndex(({ category }) => category === 'signal handler');
    if (handler < 0) return [];
    return this.#frames
      .splice(handler)
      .reverse()
      .map((frame) => this.#end(frame, at));
  }

  /** All of them, innermost first. */
  endAll(at: number): Span[] {
    return this.#endWhere(at, () => true);
  }

  #endWhere(at: number, holds: (frame: Frame) => boolean): Span[] {
    const ended: Span[] = [];
    for (let top = this.#frames.at(-1); top !== undefined && holds(top); top = this.#frames.at(-1)) {
      this.#frames.pop();
      ended.push(this.#end(top, at));
    }
    return ended;
  }

  #end({ category, name, begin }: Frame, end: number): Span {
    return { kind: 'span', ...this.#track, category, name, begin: Math.min(begin, end), end };
  }
}

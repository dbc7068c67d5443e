import type { JumpHint } from '../../domain/ir/node.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import { decodedAt, jumpHint } from './jump-hint.ts';
import { anyOf } from './search-union.ts';
import type { Moment, Search, StepControl, StepResult, TravelSession } from './travel.ts';

/** Instructions looked through first when a call is looked for backwards, and at most, at a time. */
const [nearest, farthest] = [2 ** 8, 2 ** 22];

type Cursor = Pick<
  TravelSession,
  | 'icount'
  | 'isa'
  | 'seek'
  | 'step'
  | 'reverseStep'
  | 'next'
  | 'previous'
  | 'threads'
  | 'pc'
  | 'registers'
  | 'memory'
>;

/**
 * Steps over calls and out of functions, in both directions, of one thread. Calls and returns are what the instruction set hints at
 * as such: for RISC-V, jumps that link or return through x1 or x5 (unpriv. table 2.1). Laws: a call is matched with its return by
 * counting, so recursion is no trouble; what jumps out of a function otherwise (longjmp, a tail call) is not seen. A step ends
 * early at the first event that its control asks for.
 */
export class CallSteps {
  readonly #session: Cursor;
  readonly #thread: number;
  readonly #control: StepControl;

  constructor(session: Cursor, thread: number, control: StepControl) {
    this.#session = session;
    this.#thread = thread;
    this.#control = control;
  }

  /** The thread’s next instruction and, where that is a call, all until it returned. False: the recording ends before. */
  async stepOver(): Promise<StepResult> {
    const flow = this.#flowHere();
    return flow === 'call' || flow === 'call-return' ? this.#returned() : this.#forwards();
  }

  /** Until the function that the thread is in has returned. False: the recording ends before. */
  finish(): Promise<StepResult> {
    return this.#returned(1);
  }

  /** Back over the thread’s last instruction or, where that was a return, all back to the call. False: nothing was before. */
  reverseNext(): Promise<StepResult> {
    return this.#back(async () => {
      if (!(await this.#backwards())) return false;
      return this.#flowHere() === 'return' ? this.#toCall() : true;
    });
  }

  /** Back to the call of the function that the thread is in. False: it has none, and the cursor is at the beginning. */
  reverseFinish(): Promise<StepResult> {
    return this.#back(() => this.#toCall());
  }

  /** One instruction of the thread; the others do what they did meanwhile. False: the recording ends before. */
  one(direction: 'forwards' | 'backwards'): Promise<StepResult> {
    return direction === 'forwards' ? this.#forwards() : this.#back(() => this.#backwards());
  }

  /** Goes back by `step`, or to the last event on the way that is asked for. */
  async #back(step: () => Promise<boolean>): Promise<StepResult> {
    const session = this.#session;
    const { until, signal } = this.#control;
    const from = session.icount;
    const done = await step();
    const to = session.icount;
    if (until === undefined || signal?.aborted === true || to === from) return done;
    const event = await session.previous({ ...until, before: from, limit: from - to }, { signal });
    return event ?? done;
  }

  async #toCall(): Promise<boolean> {
    const session = this.#session;
    let depth = 0;
    for (let end = session.icount, length = nearest; end > 0; length = Math.min(farthest, length * 4)) {
      const begin = Math.max(0, end - length);
      await session.seek(begin, this.#control.signal);
      const { calls, returns } = await this.#unmatched(end);
      if (this.#control.signal?.aborted === true) return false;
      const call = calls[calls.length - 1 - depth];
      if (call !== undefined) {
        await session.seek(call);
        return true;
      }
      depth += returns - calls.length;
      end = begin;
    }
    await session.seek(0);
    return false;
  }

  /** Calls from the cursor to `end` that did not return there, and how many returns have their call before the cursor. */
  async #unmatched(end: number): Promise<{ readonly calls: readonly number[]; readonly returns: number }> {
    const calls: number[] = [];
    let returns = 0;
    const see = (event: GuestEvent, moment: Moment): boolean => {
      const flow = event.icount < end ? this.#flowAt(event.pc, moment) : 'none';
      if (flow === 'return' && calls.pop() === undefined) returns++;
      if (flow === 'call-return') calls.splice(-1, 1, event.icount);
      if (flow === 'call') calls.push(event.icount);
      return false;
    };
    await this.#session.next(
      { ...this.#links(see), limit: end - this.#session.icount },
      { signal: this.#control.signal },
    );
    return { calls, returns };
  }

  /** Goes on to where `depth` more calls have returned than were made. */
  async #returned(depth = 0): Promise<StepResult> {
    let open = depth;
    const see = (event: GuestEvent, moment: Moment): boolean => {
      const flow = this.#flowAt(event.pc, moment);
      if (flow === 'call') open++;
      if (flow === 'return') open--;
      return flow === 'return' && open <= 0;
    };
    return this.#nextOf(this.#links(see));
  }

  #links(where: NonNullable<Search['where']>): Search {
    const registers = ['x1', 'x5'].map((register) => ({ access: 'any', register }) as const);
    return { registers, thread: this.#thread, where };
  }

  /** Goes on to the next event of a search, unless one comes first that the control asks for. */
  async #nextOf(search: Search): Promise<StepResult> {
    const { until, ...control } = this.#control;
    if (until === undefined) return (await this.#session.next(search, control)) !== undefined;
    let asked = false;
    const event = await this.#session.next(
      anyOf(search, until, (found) => (asked = found === until)),
      control,
    );
    return event !== undefined && asked ? event : event !== undefined;
  }

  async #forwards(): Promise<StepResult> {
    const session = this.#session;
    const { until, ...control } = this.#control;
    const executed = this.#executed();
    for (;;) {
      const from = session.icount;
      const met = until && (await session.next({ ...until, limit: 1 }, control));
      if (met !== undefined) return met;
      if (until === undefined) await session.step();
      if (session.icount === from || control.signal?.aborted === true) return false;
      if (this.#executed() !== executed) return true;
      const result = await this.#nextOf(this.#turn(({ to }) => to));
      if (typeof result === 'object') return result;
      if (this.#executed() !== executed) return true;
    }
  }

  async #backwards(): Promise<boolean> {
    const session = this.#session;
    const executed = this.#executed();
    for (;;) {
      const moved = await session.reverseStep();
      if (moved === 0 || this.#control.signal?.aborted === true) return false;
      if (this.#executed() !== executed) return true;
      await session.previous(
        this.#turn(({ thread }) => thread),
        { signal: this.#control.signal },
      );
      if (this.#executed() !== executed) return true;
    }
  }

  /** The turn goes to the thread, or comes from it. */
  #turn(whose: (event: Extract<GuestEvent, { kind: 'thread-switch' }>) => number): Search {
    return {
      events: ['thread-switch'],
      where: (event) => event.kind === 'thread-switch' && whose(event) === this.#thread,
    };
  }

  #executed(): number | undefined {
    return this.#session.threads().find(({ id }) => id === this.#thread)?.executed;
  }

  #flowHere(): JumpHint {
    return this.#flowAt(this.#session.pc(this.#thread), this.#session);
  }

  #flowAt(pc: bigint, moment: Moment): JumpHint {
    const { isa } = this.#session;
    const decoded = decodedAt(isa, pc, (address, length) => moment.memory(address, length, this.#thread));
    return decoded === undefined ? 'none' : jumpHint(isa, decoded);
  }
}

import type { GuestEvent } from '../../application/ports/guest-event.ts';
import type { Search, TravelSession, WatchedRange } from '../../application/travel/travel.ts';
import { gdbSignal, interruptSignal, trapSignal } from './signals.ts';

/** Why the guest stopped, for a stop reply. */
export interface StopReport {
  readonly signal: number;
  readonly thread: number;
  /** `swbreak:`, `watch:1f00`, `replaylog:end`: what goes with the signal. */
  readonly detail?: string;
}

export type Direction = 'forwards' | 'backwards';

const watchNames = { write: 'watch', read: 'rwatch', any: 'awatch' } as const;

/**
 * A recorded guest as GDB sees one: stopped between two instructions, with breakpoints and watchpoints. What runs and steps
 * here only moves the cursor of a travel session.
 */
export class Debuggee {
  readonly session: TravelSession;
  readonly breakpoints = new Set<bigint>();
  readonly watchpoints = new Map<string, WatchedRange>();
  /** GDB's numbers of the signals that it does not want to hear of. */
  passSignals: ReadonlySet<number> = new Set();
  #last: StopReport;
  /** The signal at which the cursor stands, which is not met again. */
  #signalled = -1;

  constructor(session: TravelSession) {
    this.session = session;
    this.#last = { signal: trapSignal, thread: session.currentThread };
  }

  /** Why it stopped last. */
  get stopped(): StopReport {
    return this.#last;
  }

  /** Continues to the next stop. */
  async continue(direction: Direction, abort: AbortSignal): Promise<StopReport> {
    return this.#report(await this.#find(direction, this.#search(), abort), direction, abort);
  }

  /** Has a thread execute one instruction, or takes back its last one; other threads do what they did. */
  async step(thread: number, direction: Direction, abort: AbortSignal): Promise<StopReport> {
    const count = this.#executed(thread);
    if (count === undefined) return this.continue(direction, abort);
    const stepped = () => this.#executed(thread) !== count;
    for (;;) {
      const { icount } = this.session;
      const met = await this.#one(direction, abort);
      if (met) return this.#report(met, direction, abort);
      if (stepped()) return this.#stop({ signal: trapSignal, thread });
      if (this.session.icount === icount || abort.aborted) return this.#report(undefined, direction, abort);
      const event = await this.#find(direction, this.#turnOf(thread, direction), abort);
      if (stepped()) return this.#stop({ signal: trapSignal, thread });
      if (event?.kind !== 'thread-switch') return this.#report(event, direction, abort);
    }
  }

  /** Moves by one instruction, unless going forwards a signal comes before it; gives a watchpoint or signal met. */
  #one(direction: Direction, abort: AbortSignal): Promise<GuestEvent | undefined> {
    const wanted = (event: GuestEvent) =>
      event.kind === 'watchpoint' ||
      (direction === 'forwards' && event.kind === 'signal' && this.#wanted(event));
    return this.#find(direction, { ...this.#search(), limit: 1, where: wanted }, abort);
  }

  /** A search for the thread's turn, or for where it gave the turn away, that heeds all stops on the way. */
  #turnOf(thread: number, direction: Direction): Search {
    const mine = (event: Extract<GuestEvent, { kind: 'thread-switch' }>) =>
      (direction === 'forwards' ? event.to : event.thread) === thread;
    return {
      ...this.#search(),
      events: ['signal', 'thread-switch'],
      where: (event) => (event.kind === 'thread-switch' ? mine(event) : this.#wanted(event)),
    };
  }

  /** Goes to an instant. */
  async seek(icount: number): Promise<void> {
    await this.session.seek(icount);
    this.#signalled = -1;
    this.#stop({ signal: trapSignal, thread: this.session.currentThread });
  }

  #search(): Search {
    return {
      breakpoints: [...this.breakpoints],
      memory: [...this.watchpoints.values()],
      events: ['signal'],
      where: (event) => this.#wanted(event),
    };
  }

  #wanted(event: GuestEvent): boolean {
    if (event.kind !== 'signal') return true;
    return event.icount !== this.#signalled && !this.passSignals.has(gdbSignal(event.signal));
  }

  async #find(direction: Direction, search: Search, signal: AbortSignal): Promise<GuestEvent | undefined> {
    const { session } = this;
    const event = await (direction === 'forwards'
      ? session.next(search, { signal })
      : session.previous(search, { signal }));
    if (session.icount !== this.#signalled) this.#signalled = -1;
    // A signal is looked at before it is delivered: where it comes from a fault, the instruction at fault is at pc.
    if (event?.kind === 'signal') {
      await session.seek(event.icount);
      this.#signalled = event.icount;
    }
    // A signal’s handler is stopped at with the signal delivered.
    if (event?.kind === 'breakpoint') await session.within(event, signal);
    return event;
  }

  #report(event: GuestEvent | undefined, direction: Direction, { aborted }: AbortSignal): StopReport {
    const thread = event?.thread ?? this.session.currentThread;
    switch (event?.kind) {
      case undefined:
        if (aborted) return this.#stop({ signal: interruptSignal, thread });
        return direction === 'forwards'
          ? this.#end(thread)
          : this.#stop({ signal: trapSignal, thread, detail: 'replaylog:begin' });
      case 'breakpoint':
        return this.#stop({ signal: trapSignal, thread, detail: 'swbreak:' });
      case 'watchpoint':
        return this.#stop({ signal: trapSignal, thread, detail: this.#watchDetail(event) });
      case 'signal':
        return this.#stop({ signal: gdbSignal(event.signal), thread });
      default:
        return this.#stop({ signal: trapSignal, thread });
    }
  }

  /** At the last instant: the signal that ends the guest, and when that was met, the end. */
  #end(thread: number): StopReport {
    const { end, last } = this.session;
    if (end.kind !== 'killed' || this.#signalled === last)
      return this.#stop({ signal: trapSignal, thread, detail: 'replaylog:end' });
    this.#signalled = last;
    return this.#stop({ signal: gdbSignal(end.signal), thread });
  }

  /** Which watchpoint it was, and the first byte of it that was accessed. */
  #watchDetail({ accesses }: Extract<GuestEvent, { kind: 'watchpoint' }>): string {
    for (const made of accesses) {
      if (!('address' in made)) continue;
      for (const { access, address, length } of this.watchpoints.values()) {
        const first = made.address > Number(address) ? made.address : Number(address);
        const end = Math.min(made.address + made.length, Number(address) + length);
        if (first < end && (access === 'any' || access === made.access))
          return `${watchNames[access]}:${first.toString(16)}`;
      }
    }
    return '';
  }

  #stop(report: StopReport): StopReport {
    // A thread that is not there yet, or no longer, cannot have stopped.
    const isThere = this.#executed(report.thread) !== undefined;
    this.#last = isThere ? report : { ...report, thread: this.session.currentThread };
    return this.#last;
  }

  #executed(thread: number): number | undefined {
    return this.session.threads().find(({ id }) => id === thread)?.executed;
  }
}

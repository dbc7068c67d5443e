import type { DebugProtocol } from '@vscode/debugprotocol';
import type { SymbolTable } from '../../application/inspection/symbols.ts';
import type { Control } from '../../application/control.ts';
import type { GuestEvent } from '../../application/ports/guest-event.ts';
import { instantAddress } from '../../application/travel/instant.ts';
import type { Search, StepControl, StepResult, TravelSession } from '../../application/travel/travel.ts';
import { StoppingPoints } from './stopping-points.ts';

/** What is debugged. */
export interface DebuggedGuest {
  readonly session: TravelSession;
  readonly symbols: SymbolTable;
}

/** Why and where the guest stopped. */
export type Stopped = Omit<DebugProtocol.StoppedEvent['body'], 'allThreadsStopped'>;

export type Direction = 'forwards' | 'backwards';

/** A recorded guest as a client of the protocol sees it: what runs here only moves the cursor of a travel session. */
export class Debugger {
  readonly session: TravelSession;
  readonly symbols: SymbolTable;
  readonly points: StoppingPoints;
  #abort = new AbortController();

  constructor({ session, symbols }: DebuggedGuest) {
    this.session = session;
    this.symbols = symbols;
    this.points = new StoppingPoints(session);
  }

  /** Stops what runs, or what is about to. */
  pause(): void {
    this.#abort.abort();
  }

  async continue(direction: Direction): Promise<Stopped> {
    const { session, points } = this;
    return this.#run(direction, async (control) => {
      const event = await (direction === 'forwards'
        ? session.next(points.search, control)
        : session.previous(points.search, control));
      return event && this.#stoppedBy(event, control);
    });
  }

  /** Has the cursor moved by `step`, unless a stopping point comes first. */
  async step(
    thread: number,
    direction: Direction,
    step: (control: StepControl) => Promise<StepResult>,
  ): Promise<Stopped> {
    return this.#run(direction, async (control) => {
      const { search } = this.points;
      const result = await step({ ...control, until: isEmpty(search) ? undefined : search });
      if (typeof result === 'object') return this.#stoppedBy(result, control);
      return result ? { reason: 'step', threadId: thread } : undefined;
    });
  }

  /** Stands at an event that was met, and says why. */
  async #stoppedBy(event: GuestEvent, { signal }: Control): Promise<Stopped> {
    if (event.kind === 'breakpoint') await this.session.within(event, signal);
    return stoppedBy(event);
  }

  async goTo(icount: number): Promise<Stopped> {
    await this.session.seek(icount);
    return this.#here('goto');
  }

  entry(): Stopped {
    return this.#here('entry');
  }

  async #run(
    direction: Direction,
    action: (control: Control) => Promise<Stopped | undefined>,
  ): Promise<Stopped> {
    const { signal } = this.#abort;
    const stopped = await action({ signal });
    this.#abort = new AbortController();
    if (stopped !== undefined) return { ...stopped, ...this.#text(stopped.description) };
    if (signal.aborted) return this.#here('pause');
    const where = direction === 'forwards' ? 'the end' : 'the beginning';
    return this.#here('step', `at ${where} of the recording`);
  }

  #here(reason: string, description?: string): Stopped {
    return { reason, threadId: this.session.currentThread, ...this.#text(description) };
  }

  /** What clients show: the instant. */
  #text(description: string | undefined): Pick<Stopped, 'description' | 'text'> {
    const instant = instantAddress(this.session.recording, this.session.icount);
    return { description: description ?? `at ${instant}`, text: instant };
  }
}

const isEmpty = ({ breakpoints = [], memory = [], events = [] }: Search): boolean =>
  breakpoints.length + memory.length + events.length === 0;

function stoppedBy(event: GuestEvent): Stopped {
  const threadId = event.thread;
  switch (event.kind) {
    case 'breakpoint':
      return { reason: 'instruction breakpoint', threadId };
    case 'watchpoint':
      return { reason: 'data breakpoint', threadId };
    case 'signal':
      return { reason: 'exception', threadId, description: event.name };
    default:
      return { reason: event.kind, threadId };
  }
}

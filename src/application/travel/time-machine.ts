import type { OutputSink } from '../control.ts';
import type { GuestEvent, Halt, Observation } from '../ports/guest-event.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';
import type { HostClock } from '../ports/host-clock.ts';
import { StoreFault } from '../ports/store-fault.ts';
import { readCheckpoint } from '../recording/checkpoint.ts';
import type { Stores } from '../recording/journal.ts';
import { editMachine } from '../recording/edit-machine.ts';
import { guestSetup } from '../recording/recorded-events.ts';
import { endsWithin } from '../recording/recording-end.ts';
import { RecordingError } from '../recording/recording-error.ts';
import { RecordingExhausted, ReplayedHost, RequestDiverged } from '../recording/replayed-host.ts';
import type { ReplayParts } from '../recording/replayer.ts';
import { Slices } from '../recording/slices.ts';
import { type MaterialisedState, MaterialisedStates } from './materialised-states.ts';
import { type IndexedCheckpoint, lastAtOrBefore, readIndex, type RecordingIndex } from './recording-index.ts';
import { ReplyWindow } from './reply-window.ts';

/** Bytes of materialised states that are kept. */
const defaultBudget = 512 * 2 ** 20;

/** Distances before a target at which states are kept on the way there: always, and when someone goes backwards there. */
const coarse = [2 ** 24, 2 ** 22, 2 ** 20, 2 ** 18] as const;
const fine = [...coarse, 2 ** 16, 2 ** 14, 2 ** 12, 2 ** 10, 2 ** 8, 2 ** 6] as const;

/** Going back to a state costs about as much as executing this many instructions. */
const restoreCost = 2 ** 20;

/**
 * One recorded guest that can be put at any instant of its recording. Laws: its state there is that of a straight run
 * to the same count; no check is made on the way but that the guest asks the host what it asked when it was recorded.
 */
export class TimeMachine {
  readonly machine: GuestMachine;
  readonly index: RecordingIndex;
  readonly states: MaterialisedStates;
  readonly #stores: Stores;
  readonly #clock: HostClock;
  readonly #slices: Slices;
  readonly #window: ReplyWindow;
  /** Of the recording and of its index, ascending. */
  #checkpoints: readonly IndexedCheckpoint[];
  /** The machine's state is that of a straight run. */
  #exact = true;
  /** The first fork whose edits are not done. */
  #nextFork = 0;

  private constructor(
    machine: GuestMachine,
    index: RecordingIndex,
    window: ReplyWindow,
    { stores, clock }: ReplayParts,
    { budget = defaultBudget, checkpoints = [] }: TimeMachineOptions,
  ) {
    this.machine = machine;
    this.index = index;
    this.states = new MaterialisedStates(budget);
    this.#stores = stores;
    this.#clock = clock;
    this.#slices = new Slices(clock);
    this.#window = window;
    this.#checkpoints = [...index.checkpoints, ...checkpoints].sort((a, b) => a.icount - b.icount);
    this.#fork();
    this.keep();
  }

  /** The recorded guest at instruction 0. */
  static async open(
    recording: string,
    engine: string,
    parts: ReplayParts,
    options: TimeMachineOptions = {},
  ): Promise<TimeMachine> {
    const { stores } = parts;
    const index = await readIndex(recording, stores.events);
    const host = new ReplayedHost(parts.hash, engine, options.output);
    host.cutOff = endsWithin(index.end);
    const window = new ReplyWindow(recording, stores, index.replies, host);
    // Building the guest may ask the host already.
    await window.reach(-1, 0);
    const program = await stores.blobs.get(index.setup.program.digest);
    const machine = diverging(() => parts.guests.create(guestSetup(index.setup, program), engine, host));
    host.watch(() => machine.icount);
    return new TimeMachine(machine, index, window, parts, options);
  }

  /** Keeps the state at which the machine stands. */
  keep(): void {
    if (this.machine.status.kind === 'running') this.states.keep(this.capture());
  }

  /** The state at which the machine stands. */
  capture(): MaterialisedState {
    const { machine } = this;
    return { icount: machine.icount, replies: this.#window.given, snapshot: machine.snapshot() };
  }

  /**
   * Goes to an instant at or before the recording's end, keeping states on the way; `backwards`: more of them just before
   * it. Stops early when `signal` aborts.
   */
  async goTo(icount: number, { backwards = false, signal }: GoingOptions = {}): Promise<void> {
    await this.#start(icount);
    await this.approach(icount, { backwards, signal });
  }

  /** Runs on to an instant ahead, keeping states on the way as `goTo` does. */
  async approach(icount: number, { backwards = false, signal }: GoingOptions): Promise<void> {
    const { machine, states } = this;
    for (const distance of backwards ? fine : coarse) {
      const at = icount - distance;
      if (at <= machine.icount + distance / 2 || states.hasWithin(at - distance / 2, at + distance / 2))
        continue;
      await this.run(at, signal);
      if (machine.icount === at) this.keep();
    }
    await this.run(icount, signal);
  }

  /** Goes to the last instant at or before `icount` that there is a state of. */
  async rewind(icount: number): Promise<void> {
    const state = this.states.before(icount)!;
    this.#restore((await this.#fetchAfter(state.icount, icount)) ?? state);
  }

  /**
   * Runs on to `icount`, which is not before the machine's, or to the guest's end, or to where `observation` has it stop; gives
   * the event that did.
   */
  async run(
    icount: number,
    signal?: AbortSignal,
    observation?: Observation,
  ): Promise<GuestEvent | undefined> {
    const { machine } = this;
    while (machine.icount < icount && machine.status.kind === 'running' && signal?.aborted !== true) {
      const from = machine.icount;
      const safe = await this.#window.reach(from, icount);
      this.#exact = false;
      const fork = this.index.forks[this.#nextFork]?.icount ?? Infinity;
      const until = Math.min(safe, this.#slices.begin(from), fork);
      const halt = diverging(() => advanced(machine, until, observation));
      if (halt === 'exhausted') return undefined;
      this.#exact = halt?.exact ?? true;
      this.#fork();
      if (halt) return halt.event;
      this.#slices.end(machine.icount - from);
      if (machine.icount < icount) await this.#clock.turn();
    }
    return undefined;
  }

  /** Puts the machine where it can run to `icount` from, as near as there is a state. */
  async #start(icount: number): Promise<void> {
    const { machine } = this;
    const usable = this.#exact && machine.status.kind === 'running' && machine.icount <= icount;
    const state = this.states.before(icount)!;
    const nearest = usable ? Math.max(state.icount, machine.icount) : state.icount;
    const fetched = await this.#fetchAfter(nearest + 4 * restoreCost, icount);
    if (fetched === undefined && usable && machine.icount + restoreCost >= state.icount) return;
    this.#restore(fetched ?? state);
  }

  /** The last checkpoint at or before `icount`, where it is after `after`. */
  async #fetchAfter(after: number, icount: number): Promise<MaterialisedState | undefined> {
    for (;;) {
      const checkpoint = lastAtOrBefore(this.#checkpoints, icount);
      if (checkpoint === undefined || checkpoint.icount <= after) return undefined;
      try {
        return await this.#fetch(checkpoint);
      } catch (error) {
        if (checkpoint.derived !== true || !(error instanceof StoreFault || error instanceof RecordingError))
          throw error;
        this.#checkpoints = this.#checkpoints.filter((other) => other !== checkpoint);
      }
    }
  }

  async #fetch({ icount, replies, snapshot }: IndexedCheckpoint): Promise<MaterialisedState> {
    const state = { icount, replies, snapshot: await readCheckpoint(snapshot, this.#stores.blobs) };
    this.states.keep(state);
    return state;
  }

  #restore({ snapshot, replies }: MaterialisedState): void {
    this.machine.restore(snapshot);
    this.#window.goTo(replies);
    this.#exact = true;
    this.#nextFork = this.index.forks.filter(({ icount }) => icount <= snapshot.icount).length;
  }

  /** Does the edits of forks at the instant at which the machine stands; states kept there have them done. */
  #fork(): void {
    const { machine, index } = this;
    for (let fork = index.forks[this.#nextFork]; fork?.icount === machine.icount;) {
      editMachine(machine, fork.edits);
      fork = index.forks[++this.#nextFork];
    }
  }
}

export interface TimeMachineOptions {
  /** Bytes of states to keep. */
  readonly budget?: number | undefined;
  /** Takes what the guest writes, wherever it runs. */
  readonly output?: OutputSink | undefined;
  /** States to start from beside those that the recording has. */
  readonly checkpoints?: readonly IndexedCheckpoint[];
}

export interface GoingOptions {
  readonly backwards?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Advances the guest; `exhausted` where a recording that was cut off has no more replies. */
function advanced(
  machine: GuestMachine,
  until: number,
  observation: Observation | undefined,
): Halt | 'exhausted' | undefined {
  try {
    return machine.advance(until, observation);
  } catch (error) {
    if (error instanceof RecordingExhausted) return 'exhausted';
    throw error;
  }
}

/** Names a departure from the recording as what it is: a damaged recording. */
function diverging<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RequestDiverged)) throw error;
    throw new RecordingError(
      'damaged-recording',
      `the replay departs from the recording: ${error.message}; \`isochron replay --verify\` says more`,
      {},
      error,
    );
  }
}

import type { HashFunction } from '../../domain/shared/digest.ts';
import type { MachineCreatedData } from '../../domain/virtual-machine/events.ts';
import type { Control, OutputSink } from '../control.ts';
import type { GuestFactory } from '../ports/guest-factory.ts';
import type { GuestMachine, MachineSnapshot } from '../ports/guest-machine.ts';
import type { HostSystem } from '../ports/host-system.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { Stores } from './journal.ts';
import { editMachine } from './edit-machine.ts';
import { guestSetup, recordedSetup } from './recorded-events.ts';
import { type Portion, RecordingFeed, type ReplayPoint } from './recording-feed.ts';
import { RecordingExhausted, ReplayedHost } from './replayed-host.ts';
import { Slices } from './slices.ts';

export interface ReplayParts {
  readonly guests: GuestFactory;
  readonly stores: Stores;
  readonly hash: HashFunction;
  readonly clock: HostClock;
}

/** A checkpoint to start from: its event's revision and its contents. */
export interface StartingPoint {
  readonly revision: number;
  readonly snapshot: MachineSnapshot;
}

export interface ReplayerOptions {
  readonly output?: OutputSink | undefined;
  readonly from?: StartingPoint | undefined;
  /** Puts another host before the one that replays; the guest asks that one. */
  readonly through?: (replayed: HostSystem) => HostSystem;
}

/** A place to come back to while the same replies are at hand. */
export interface Mark {
  readonly snapshot: MachineSnapshot;
  readonly position: number;
}

/**
 * Drives a recorded guest along its recording. Laws: the guest never runs past replies that were not fetched yet; it
 * sees nothing but the recording; where it stops is exact. Throws RequestDiverged out of any advance.
 */
export class Replayer {
  readonly machine: GuestMachine;
  readonly host: ReplayedHost;
  readonly setup: MachineCreatedData;
  readonly #feed: RecordingFeed;
  readonly #clock: HostClock;
  readonly #slices: Slices;
  #safeUntil = 0;
  #point: ReplayPoint | undefined;
  #edited = false;
  #began = { from: 0, given: 0 };
  #eventsRead = 0;
  #keepReplies = false;

  private constructor(
    machine: GuestMachine,
    host: ReplayedHost,
    setup: MachineCreatedData,
    feed: RecordingFeed,
    clock: HostClock,
  ) {
    this.machine = machine;
    this.host = host;
    this.setup = setup;
    this.#feed = feed;
    this.#clock = clock;
    this.#slices = new Slices(clock);
  }

  /** The recorded guest on `engine`, at its start or at a checkpoint. */
  static async open(
    recording: string,
    engine: string,
    parts: ReplayParts,
    options: ReplayerOptions = {},
  ): Promise<Replayer> {
    const { events, blobs } = parts.stores;
    const setup = await recordedSetup(events, recording);
    const program = await blobs.get(setup.program.digest);
    const host = new ReplayedHost(parts.hash, engine, options.output);
    // Building the guest may ask the host already; those replies stand right after MachineStarted.
    const opening = new RecordingFeed(events, blobs, recording, 0, 0);
    const first = await opening.next();
    host.supply(first.replies);
    host.cutOff = first.point?.kind === 'cut-off';
    const asked = options.through?.(host) ?? host;
    const machine = parts.guests.create(guestSetup(setup, program), engine, asked);
    host.watch(() => machine.icount);
    if (options.from === undefined) {
      const replayer = new Replayer(machine, host, setup, opening, parts.clock);
      replayer.#took(first, false);
      return replayer;
    }
    await opening.close();
    host.reset();
    const { revision, snapshot } = options.from;
    machine.restore(snapshot);
    const feed = new RecordingFeed(events, blobs, recording, revision + 1, snapshot.icount);
    const replayer = new Replayer(machine, host, setup, feed, parts.clock);
    replayer.#safeUntil = snapshot.icount;
    replayer.#began = { from: revision + 1, given: host.given };
    return replayer;
  }

  /** How many of the replies from event `from` on were given. */
  get progress(): { readonly from: number; readonly given: number } {
    const { from, given } = this.#began;
    return { from, given: this.host.given - given };
  }

  /** Events read so far, this replayer's start included. */
  get eventsRead(): number {
    return this.#eventsRead;
  }

  /**
   * The next point that the guest has not passed, fetching as much as that takes; undefined when the replies at hand
   * reach `until`, the guest ended, or `control` aborted first.
   */
  async nextPoint(control: Control = {}, until = Number.MAX_SAFE_INTEGER): Promise<ReplayPoint | undefined> {
    while (this.#point === undefined) {
      if (until <= this.#safeUntil) return undefined;
      await this.#run(this.#safeUntil, control);
      if (this.machine.icount < this.#safeUntil || this.machine.status.kind !== 'running') return undefined;
      await this.#fetch();
    }
    return this.#point;
  }

  /** Passes the point: the caller has checked it. */
  passPoint(): void {
    this.fork();
    this.#point = undefined;
  }

  /** Where the machine stands at the point of a fork, makes its edits, once. */
  fork(): void {
    if (this.#point?.kind !== 'event' || this.#point.event.type !== 'MachineForked' || this.#edited) return;
    editMachine(this.machine, this.#point.event.data.edits);
    this.#edited = true;
  }

  /** Runs to `icount`, which no point may lie before. Ends early when the guest ends or `control` aborts. */
  async advanceTo(icount: number, control: Control = {}): Promise<void> {
    while (this.#point === undefined && this.#safeUntil < icount) {
      await this.#run(this.#safeUntil, control);
      if (control.signal?.aborted === true || this.machine.status.kind !== 'running') return;
      await this.#fetch();
    }
    await this.#run(icount, control);
  }

  /**
   * Runs to `icount` or the recording's end, passing points without a check. With `ending: false`, a guest that ends at
   * `icount` is left as it was just before that, where it stops there of itself.
   */
  async seek(icount: number, control: Control & { readonly ending?: boolean } = {}): Promise<void> {
    for (;;) {
      const point = await this.nextPoint(control, icount);
      if (point === undefined || point.icount > icount) break;
      await this.advanceTo(point.icount, control);
      if (point.kind === 'cut-off' || this.machine.icount < point.icount) return;
      if (point.event.type === 'MachineExited' && control.ending !== false) await this.finish(point.icount);
      if (point.event.type === 'MachineExited' || point.event.type === 'MachineStopped') return;
      this.passPoint();
    }
    await this.advanceTo(icount, control);
  }

  /** Lets a guest that should have ended at `icount` end: its last system call may be served one step later. */
  async finish(icount: number): Promise<void> {
    if (this.machine.status.kind === 'running') await this.#run(icount + 1, {});
  }

  /** From the first mark on, replies are kept, however many the recording has. */
  mark(): Mark {
    this.#keepReplies = true;
    return { snapshot: this.machine.snapshot(), position: this.host.position };
  }

  goBack(mark: Mark): void {
    this.machine.restore(mark.snapshot);
    this.host.rewind(mark.position);
  }

  async close(): Promise<void> {
    await this.#feed.close();
  }

  async #fetch(): Promise<void> {
    if (!this.#keepReplies) this.host.forget();
    this.#took(await this.#feed.next());
  }

  #took(portion: Portion, supply = true): void {
    this.#safeUntil = portion.safeUntil;
    this.#point = portion.point;
    this.#edited = false;
    this.#eventsRead += portion.events;
    this.host.cutOff = portion.point?.kind === 'cut-off';
    if (supply) this.host.supply(portion.replies);
  }

  async #run(until: number, { signal, onProgress }: Control): Promise<void> {
    const { machine } = this;
    try {
      while (machine.icount < until && machine.status.kind === 'running' && signal?.aborted !== true) {
        const from = machine.icount;
        machine.advance(Math.min(this.#slices.begin(from), until));
        this.#slices.end(machine.icount - from);
        onProgress?.({ icount: machine.icount });
        await this.#clock.turn();
      }
    } catch (error) {
      if (!(error instanceof RecordingExhausted)) throw error;
    }
  }
}

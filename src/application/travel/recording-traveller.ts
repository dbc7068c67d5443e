import type { Digest } from '../../domain/shared/digest.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import { lastInstant, type RecordingEnd } from '../recording/recording-end.ts';
import type { Control } from '../control.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import { noStops } from '../ports/stops.ts';
import { CallSteps } from './call-steps.ts';
import { EffectsIndex } from '../effects/effects-index.ts';
import { programSymbols } from '../inspection/program-symbols.ts';
import type { SymbolTable } from '../inspection/symbols.ts';
import type { Stores } from '../recording/journal.ts';
import { Searcher, stopsOf } from './search.ts';
import type { ForkEdits, Search, StepControl, StepResult, TravelRequest, TravelSession } from './travel.ts';
import type { GuestStatus, MemoryRegionView, ProcessView, ThreadView } from '../ports/guest-machine.ts';
import { readSlots } from '../recording/machine-difference.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { ReplayParts } from '../recording/replayer.ts';
import { chosenEngine } from '../run-program.ts';
import { TimeMachine } from './time-machine.ts';

/** A range of instructions up to this is searched in one pass, when it is not near. */
const sliceOnce = 2 ** 22;

/** A {@link TravelSession} over a guest that is replayed. */
export class RecordingTraveller implements TravelSession {
  readonly recording: string;
  readonly last: number;
  readonly end: RecordingEnd;
  readonly #time: TimeMachine;
  readonly effects: EffectsIndex;
  readonly #stores: Stores;
  #symbols: Promise<SymbolTable> | undefined;
  #stops = noStops;
  /** The event that was found last. */
  #met: GuestEvent | undefined;

  private constructor(recording: string, time: TimeMachine, effects: EffectsIndex, stores: Stores) {
    const { index } = time;
    this.recording = recording;
    this.end = index.end;
    this.last = lastInstant(index.end, index.icount);
    this.#time = time;
    this.effects = effects;
    this.#stores = stores;
  }

  /** Opens a recording at its beginning. */
  static async open(request: TravelRequest, parts: ReplayParts): Promise<RecordingTraveller> {
    const engine = chosenEngine(parts.guests, request.engine);
    const effects = await EffectsIndex.open(request.recording, parts.stores);
    const time = await TimeMachine.open(request.recording, engine, parts, {
      budget: request.memoryBudget,
      checkpoints: effects.states,
    });
    return new RecordingTraveller(request.recording, time, effects, parts.stores);
  }

  get edits(): readonly ForkEdits[] {
    return this.#time.index.forks;
  }

  get icount(): number {
    return this.#time.machine.icount;
  }

  get isa(): InstructionSet {
    return this.#time.machine.isa;
  }

  get status(): GuestStatus {
    return this.#time.machine.status;
  }

  get materialised(): { readonly count: number; readonly bytes: number } {
    const { count, bytes } = this.#time.states;
    return { count, bytes };
  }

  async seek(icount: number, signal?: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(icount) || icount < 0 || icount > this.last)
      throw new RecordingError(
        'instant-out-of-range',
        `${this.recording} can be visited at instructions 0 to ${this.last}, not at ${icount}`,
        { recording: this.recording, at: icount, end: this.last },
      );
    await this.#time.goTo(icount, { backwards: icount < this.icount, signal });
  }

  async step(count = 1, signal?: AbortSignal): Promise<number> {
    const from = this.icount;
    await this.seek(Math.min(this.last, from + count), signal);
    return this.icount - from;
  }

  async reverseStep(count = 1, signal?: AbortSignal): Promise<number> {
    const from = this.icount;
    await this.seek(Math.max(0, from - count), signal);
    return from - this.icount;
  }

  async next(search: Search, control: Control = {}): Promise<GuestEvent | undefined> {
    this.#stops = stopsOf(search, this.isa.layout, this.#stops);
    const until = Math.min(this.last, this.icount + (search.limit ?? Infinity));
    const here = { icount: this.icount, thread: this.currentThread, pc: this.pc() };
    // Whoever went elsewhere in between meets it again.
    const met = this.#met?.icount === this.icount ? this.#met : undefined;
    const passed = (event: GuestEvent): boolean =>
      [here, met].some(
        (at) => at?.icount === event.icount && at.thread === event.thread && at.pc === event.pc,
      );
    const searcher = new Searcher(this.#time, this);
    this.#met = undefined;
    const { layout } = this.isa;
    for await (const range of this.effects.candidates(
      search,
      layout,
      { from: this.icount, until },
      'forwards',
    )) {
      this.#met = await searcher.next(search, this.#stops, range, control, passed);
      if (this.#met !== undefined || control.signal?.aborted === true) return this.#met;
    }
    await this.#time.goTo(until, control);
    return undefined;
  }

  async previous(search: Search, control: Control = {}): Promise<GuestEvent | undefined> {
    this.#stops = stopsOf(search, this.isa.layout, this.#stops);
    const icount = Math.min(search.before ?? this.icount, this.last);
    const first = Math.max(0, icount - (search.limit ?? Infinity));
    const searcher = new Searcher(this.#time, this);
    const { layout } = this.isa;
    let event: GuestEvent | undefined;
    for await (const range of this.effects.candidates(
      search,
      layout,
      { from: first, until: icount },
      'backwards',
    )) {
      // What is near is likelier at the range's end; a slice that the index names has it somewhere.
      const once = range.until < icount && range.until - range.from <= sliceOnce;
      event = await (once
        ? searcher.lastWithin(search, this.#stops, range, control)
        : searcher.previous(search, this.#stops, range, control));
      if (event !== undefined || control.signal?.aborted === true) break;
    }
    if (control.signal?.aborted !== true) await this.seek(event?.icount ?? first, control.signal);
    this.#met = event;
    return event;
  }

  stepThread(thread = this.currentThread, control: StepControl = {}): Promise<StepResult> {
    return new CallSteps(this, thread, control).one('forwards');
  }

  reverseStepThread(thread = this.currentThread, control: StepControl = {}): Promise<StepResult> {
    return new CallSteps(this, thread, control).one('backwards');
  }

  stepOver(thread = this.currentThread, control: StepControl = {}): Promise<StepResult> {
    return new CallSteps(this, thread, control).stepOver();
  }

  finish(thread = this.currentThread, control: StepControl = {}): Promise<StepResult> {
    return new CallSteps(this, thread, control).finish();
  }

  reverseNext(thread = this.currentThread, control: StepControl = {}): Promise<StepResult> {
    return new CallSteps(this, thread, control).reverseNext();
  }

  reverseFinish(thread = this.currentThread, control: StepControl = {}): Promise<StepResult> {
    return new CallSteps(this, thread, control).reverseFinish();
  }

  async within(breakpoint: GuestEvent, signal?: AbortSignal): Promise<void> {
    const { icount, thread, pc } = breakpoint;
    await this.seek(icount, signal);
    if (this.currentThread === thread && this.pc() === pc) return;
    this.#stops = stopsOf({ breakpoints: [pc] }, this.isa.layout, this.#stops);
    await this.#time.run(icount + 1, signal, {
      stops: this.#stops,
      kinds: new Set(),
      see: (seen) => seen.kind === 'breakpoint' && seen.thread === thread && seen.icount === icount,
    });
    this.#met = breakpoint;
  }

  threads(): readonly ThreadView[] {
    return this.#time.machine.threads();
  }

  get currentThread(): number {
    const threads = this.threads();
    return (threads.find(({ state }) => state === 'running') ?? threads[0])?.id ?? 0;
  }

  registers(thread = this.currentThread): ReadonlyMap<string, bigint> | undefined {
    const found = this.threads().find(({ id }) => id === thread);
    return found && readSlots(found.cpu, this.isa.layout);
  }

  process(thread?: number): ProcessView {
    return this.#time.machine.process(thread);
  }

  pc(thread = this.currentThread): bigint {
    return this.registers(thread)?.get(this.isa.layout.pc.name) ?? 0n;
  }

  memory(address: bigint, length: number, thread?: number): Uint8Array | undefined {
    const memory = this.#time.machine.memoryOf(thread);
    if (address < 0n || length < 0 || address + BigInt(length) > BigInt(memory.size)) return undefined;
    const bytes = memory.read(Number(address), length, 0);
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  regions(thread?: number): readonly MemoryRegionView[] {
    return this.#time.machine.regions(thread);
  }

  symbols(): Promise<SymbolTable> {
    return (this.#symbols ??= programSymbols(this.recording, this.#stores));
  }

  digest(): Digest {
    return this.#time.machine.digest();
  }
}

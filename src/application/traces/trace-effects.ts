import type { InstantRange } from '../effects/effects-index.ts';
import { EffectsIndex } from '../effects/effects-index.ts';
import { programSymbols } from '../inspection/program-symbols.ts';
import type { TracedGuests } from '../ports/effect-trace.ts';
import { noStops } from '../ports/stops.ts';
import type { ReplayParts } from '../recording/replayer.ts';
import { TimeMachine } from '../travel/time-machine.ts';
import { CodeTexts } from './code-texts.ts';
import { type Effect, type EffectKind, effectKinds, tracedKinds } from './effect.ts';
import { EffectCollector } from './effect-collector.ts';
import { instantRange, type TraceRequest } from './trace-request.ts';

export interface TraceParts extends ReplayParts {
  readonly followed: TracedGuests;
}

/** Instructions that are followed before their effects are handed on. */
const portion = 2 ** 13;
/** And where only calls, signals and switches are looked for. */
const longPortion = 2 ** 24;

/**
 * A recording’s effects in order, in portions. Until the range begins the recording is replayed fast; then every instruction is
 * followed by the reference engine, unless none of its kinds needs that. Throws `instant-out-of-range`.
 */
export async function* traceEffects(
  request: TraceRequest,
  parts: TraceParts,
): AsyncGenerator<readonly Effect[], undefined> {
  const { recording, signal, onProgress } = request;
  const index = await EffectsIndex.open(recording, parts.stores);
  const engine = parts.guests.engines[0]!;
  const time = await TimeMachine.open(recording, engine, parts, { checkpoints: index.states });
  const kinds = new Set<EffectKind>(request.kinds ?? effectKinds);
  const range = instantRange(request, time.index.icount);
  const followed = tracedKinds.some((kind) => kinds.has(kind));
  const tracer = await Tracer.open(time, { recording, kinds, followed }, parts);
  const total = range.until - range.from;
  const search = { memory: [{ access: 'any', ...(request.memory ?? { address: 0n, length: 1 }) } as const] };
  const narrow = request.memory !== undefined && [...kinds].every((kind) => kind.startsWith('memory-'));
  const ranges = narrow ? index.candidates(search, time.machine.isa.layout, range, 'forwards') : [range];
  for await (const part of ranges)
    for await (const { icount, effects } of tracer.trace(part, signal)) {
      yield request.memory ? effects.filter((effect) => touches(effect, request.memory)) : effects;
      onProgress?.({ icount: icount - range.from, total });
    }
}

function touches({ address, size }: Effect, memory: TraceRequest['memory']): boolean {
  if (memory === undefined || address === undefined || size === undefined) return true;
  return address < memory.address + BigInt(memory.length) && memory.address < address + BigInt(size);
}

interface TracerOptions {
  readonly recording: string;
  readonly kinds: ReadonlySet<EffectKind>;
  /** Whether each instruction is followed. */
  readonly followed: boolean;
}

/** Traces ranges of a recording, one after the other. */
class Tracer {
  /** Goes to where a range begins, and stands in for `guest` where nothing is followed. */
  readonly #fast: TimeMachine;
  readonly #guest: TimeMachine;
  readonly #collector: EffectCollector;

  private constructor(fast: TimeMachine, guest: TimeMachine, collector: EffectCollector) {
    this.#fast = fast;
    this.#guest = guest;
    this.#collector = collector;
  }

  static async open(
    fast: TimeMachine,
    { recording, kinds, followed }: TracerOptions,
    parts: TraceParts,
  ): Promise<Tracer> {
    const texts = new CodeTexts(fast.machine.isa, await programSymbols(recording, parts.stores));
    const told: { collector?: EffectCollector } = {};
    let guest = fast;
    if (followed) {
      const guests = parts.followed(() => told.collector);
      guest = await TimeMachine.open(recording, guests.engines[0]!, { ...parts, guests });
    }
    const collector = new EffectCollector(guest.machine, kinds, texts, fast.index.setup.program.path);
    told.collector = collector;
    return new Tracer(fast, guest, collector);
  }

  async *trace(
    { from, until }: InstantRange,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ readonly icount: number; readonly effects: readonly Effect[] }, undefined> {
    const [fast, guest, collector] = [this.#fast, this.#guest, this.#collector];
    await fast.goTo(from, { signal });
    signal?.throwIfAborted();
    if (guest !== fast && guest.machine.icount !== from) {
      guest.states.keep(fast.capture());
      await guest.rewind(from);
    }
    collector.begin();
    const observation = {
      stops: noStops,
      kinds: new Set(['system-call', 'signal', 'thread-switch'] as const),
      see: (event: Parameters<EffectCollector['see']>[0]) => collector.see(event),
    };
    const step = guest === fast ? longPortion : portion;
    const { machine } = guest;
    for (let at = -1; at < machine.icount && machine.icount < until;) {
      at = machine.icount;
      const end = Math.min(until, at + step);
      const event = await guest.run(end, signal, observation);
      signal?.throwIfAborted();
      // A recording that was cut off ends within a call.
      const cutOff = event === undefined && machine.icount < end && machine.status.kind === 'running';
      if (!cutOff) collector.settle();
      yield { icount: machine.icount, effects: collector.take() };
    }
    collector.listens = false;
  }
}

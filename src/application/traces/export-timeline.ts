import { programSymbols } from '../inspection/program-symbols.ts';
import type { DataFiles } from '../ports/data-files.ts';
import { EffectsIndex } from '../effects/effects-index.ts';
import type { ReplayParts } from '../recording/replayer.ts';
import { TimeMachine } from '../travel/time-machine.ts';
import type { EffectExportResult } from './export-effects.ts';
import { Timeline } from './timeline.ts';
import { instantRange, type TraceRequest } from './trace-request.ts';

export interface TimelineExportRequest extends Omit<TraceRequest, 'kinds' | 'memory'> {
  /** The new file. */
  readonly file: string;
}

/** How many times counters are told of over the whole range. */
const samples = 256;
/** Calls and returns use these. */
const links = ['x1', 'x5'].map((register) => ({ access: 'any', register }) as const);

/** Writes calls, system calls, signals, turns and counters of a range to a trace file. Where that ends early, no file is left. */
export async function exportTimeline(
  { recording, file, signal, onProgress, ...request }: TimelineExportRequest,
  parts: ReplayParts & { readonly files: DataFiles },
): Promise<EffectExportResult> {
  const index = await EffectsIndex.open(recording, parts.stores);
  const time = await TimeMachine.open(recording, parts.guests.engines[0]!, parts, {
    checkpoints: index.states,
  });
  const { from, until } = instantRange({ recording, ...request }, time.index.icount);
  const output = await parts.files.createTimeline(file);
  const { machine } = time;
  let rows = 0;
  try {
    await time.goTo(from, { signal });
    const symbols = await programSymbols(recording, parts.stores);
    const timeline = new Timeline(machine, symbols, time.index.setup.program.path);
    const observation = {
      stops: { pcs: new Set<number>(), memory: [], registers: links, from: 0 },
      kinds: new Set(['system-call', 'signal', 'thread-switch'] as const),
      see: (event: Parameters<Timeline['see']>[0]) => timeline.see(event),
    };
    const write = async (): Promise<void> => {
      const items = timeline.take();
      rows += items.length;
      await output.write(items);
    };
    const portion = Math.max(1, Math.ceil((until - from) / samples));
    timeline.count();
    for (let at = -1, sample = from + portion; at < machine.icount && machine.icount < until;) {
      at = machine.icount;
      await time.run(Math.min(until, sample), signal, observation);
      signal?.throwIfAborted();
      timeline.settle();
      if (machine.icount >= sample || machine.icount >= until) {
        timeline.count();
        sample = machine.icount + portion;
        onProgress?.({ icount: machine.icount - from, total: until - from });
      }
      await write();
    }
    timeline.finish();
    await write();
    return { file, rows, bytes: await output.finish() };
  } catch (error) {
    await output.discard();
    throw error;
  }
}

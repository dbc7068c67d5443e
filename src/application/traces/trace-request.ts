import type { Control } from '../control.ts';
import type { InstantRange } from '../effects/effects-index.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { EffectKind } from './effect.ts';

/** Which of a recording’s effects are wanted. */
export interface TraceRequest extends Control {
  /** A recording, or a branch as `recording/branch`. */
  readonly recording: string;
  /** The first instant, and the one before which it ends; default: all there are. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Default: all. */
  readonly kinds?: readonly EffectKind[] | undefined;
  /** Of memory accesses, only those to any of these bytes. */
  readonly memory?: { readonly address: bigint; readonly length: number } | undefined;
}

/** The range that is asked for, of a recording of `end` instructions. Throws `instant-out-of-range` or `invalid-request`. */
export function instantRange(
  { recording, from = 0, to }: Pick<TraceRequest, 'recording' | 'from' | 'to'>,
  end: number,
): InstantRange {
  const until = to ?? end;
  for (const at of [from, until])
    if (!Number.isSafeInteger(at) || at < 0 || at > end)
      throw new RecordingError(
        'instant-out-of-range',
        `${recording} has instructions 0 to ${end}, not ${at}`,
        { recording, at, end },
      );
  if (from > until)
    throw new RecordingError('invalid-request', `instruction ${until} comes before ${from}`, { recording });
  return { from, until };
}

import type { Digest } from '../domain/shared/digest.ts';
import type { DivergenceReport } from '../domain/virtual-machine/divergence.ts';
import type { Control, RecordingEnd, ReplayRequest, ReplayResult } from './isochron.ts';
import { bisectReplays } from './recording/first-difference.ts';
import { PointChecker } from './recording/point-check.ts';
import { recordedEvents } from './recording/recorded-events.ts';
import { unknownRecording } from './recording/history.ts';
import { endOf } from './recording/recording-end.ts';
import { RecordingError } from './recording/recording-error.ts';
import { RequestDiverged } from './recording/replayed-host.ts';
import { Replayer, type ReplayParts } from './recording/replayer.ts';
import { startingPoint } from './recording/starting-point.ts';
import { chosenEngine } from './run-program.ts';

/**
 * Replays a recording from its beginning, checking it as it goes. Needs neither the program file nor anything of the
 * host. What differs from the recording is the result's `divergence`; faults of the store reject.
 */
export async function replayRecording(request: ReplayRequest, parts: ReplayParts): Promise<ReplayResult> {
  const { recording } = request;
  const engine = chosenEngine(parts.guests, request.engine);
  const outline = await recordingOutline(recording, parts);
  const total = Math.min(outline.icount, request.until ?? Number.MAX_SAFE_INTEGER);
  const control: Control = {
    signal: request.signal,
    onProgress: ({ icount }) => request.onProgress?.({ icount, total }),
  };
  const verify = request.verify ?? true;
  const replayer = await Replayer.open(recording, engine, parts, { output: request.output });
  const checker = new PointChecker(replayer, parts.hash, parts.stores.blobs);
  let divergence: DivergenceReport | undefined;
  let complete = false;
  try {
    divergence = outline.start === undefined ? undefined : checker.start(outline.start);
    if (divergence === undefined)
      ({ divergence, complete } = await followRecording(replayer, checker, {
        control,
        until: total,
        verify,
      }));
  } catch (error) {
    if (!(error instanceof RequestDiverged)) throw error;
    divergence = { ...error.report, agreedAt: checker.agreedAt };
  } finally {
    await replayer.close();
  }
  if (divergence !== undefined) divergence = await locate(divergence, engine, request, parts);
  return {
    recording,
    engine,
    icount: replayer.machine.icount,
    end: outline.end,
    complete: complete && total === outline.icount,
    eventsChecked: replayer.eventsRead,
    digestsChecked: checker.digests,
    repliesChecked: replayer.host.given,
    outputBytes: replayer.host.outputBytes,
    chain: checker.chain,
    divergence,
    statistics: replayer.machine.statistics,
  };
}

/** Follows the recording to its end, `until`, an abort or a divergence. */
async function followRecording(
  replayer: Replayer,
  checker: PointChecker,
  { control, until, verify }: { control: Control; until: number; verify: boolean },
): Promise<{ readonly divergence: DivergenceReport | undefined; readonly complete: boolean }> {
  const { machine } = replayer;
  const agreed = { divergence: undefined };
  for (;;) {
    // One further than asked for: what stands at `until` itself, be it the recording's end, is to be seen.
    const point = await replayer.nextPoint(control, until + 1);
    const target = point === undefined ? until : Math.min(point.icount, until);
    await replayer.advanceTo(target, control);
    if (control.signal?.aborted === true) return { ...agreed, complete: false };
    if (machine.icount < target && !(point?.kind === 'event' && point.event.type === 'MachineExited'))
      return machine.status.kind === 'running' && point?.kind === 'cut-off'
        ? { ...agreed, complete: true }
        : { divergence: checker.endedEarly(point), complete: false };
    if (point === undefined || point.icount > until) return { ...agreed, complete: false };
    if (point.kind === 'cut-off') return { ...agreed, complete: true };
    const divergence = await checker.check(point, verify);
    if (divergence !== undefined) return { divergence, complete: false };
    replayer.passPoint();
    if (point.event.type === 'MachineExited' || point.event.type === 'MachineStopped')
      return { ...agreed, complete: true };
  }
}

/** Narrows a divergence to its first instruction with another engine, where there is one and it helps. */
async function locate(
  report: DivergenceReport,
  engine: string,
  request: ReplayRequest,
  parts: ReplayParts,
): Promise<DivergenceReport> {
  const reference = request.reference ?? parts.guests.engines.find((name) => name !== engine);
  const { agreedAt, differsAt } = report;
  if (reference === undefined || reference === engine || differsAt <= agreedAt) return report;
  chosenEngine(parts.guests, reference);
  const from = await startingPoint(request.recording, agreedAt, parts.stores);
  const expected = await Replayer.open(request.recording, reference, parts, { from });
  const found = await Replayer.open(request.recording, engine, parts, { from });
  try {
    await expected.seek(agreedAt);
    await found.seek(agreedAt);
    const located = await bisectReplays(expected, found, differsAt);
    if (located !== undefined)
      return { ...located, ...(report.event !== undefined && { event: report.event }) };
    const verdict = `${engine} and ${reference} agree with each other there: the recording was changed, or written by another version`;
    return { ...report, summary: `${report.summary}; ${verdict}` };
  } catch (error) {
    if (!(error instanceof RequestDiverged)) throw error;
    return report;
  } finally {
    await expected.close();
    await found.close();
  }
}

export interface RecordingOutline {
  readonly start: { readonly digest: Digest; readonly chain: Digest } | undefined;
  /** Instructions recorded. */
  readonly icount: number;
  readonly end: RecordingEnd;
}

/** The recording's start, length and end, from its first events and its last. */
export async function recordingOutline(
  recording: string,
  { stores }: Pick<ReplayParts, 'stores'>,
): Promise<RecordingOutline> {
  let start: RecordingOutline['start'];
  let icount = 0;
  let end: RecordingEnd = { kind: 'cut-off' };
  let first = true;
  for await (const { event } of recordedEvents(stores.events, recording)) {
    if (first !== (event.type === 'MachineCreated'))
      throw new RecordingError(
        'damaged-recording',
        `${recording} does not begin with exactly one MachineCreated`,
        {
          recording,
        },
      );
    first = false;
    if (event.type === 'MachineCreated') continue;
    if (event.type === 'MachineStarted') {
      start = event.data;
      continue;
    }
    icount = Math.max(icount, event.data.icount);
    end = endOf(event) ?? end;
  }
  if (first) throw unknownRecording(recording);
  return { start, icount, end };
}

import type { ReplayParts } from '../recording/replayer.ts';
import { replayRecording } from '../replay-recording.ts';
import { runProgram, type RunParts } from '../run-program.ts';
import type { GuestFactory } from '../ports/guest-factory.ts';
import type { ExecutedBlock, ExecutedSubject, ExecutionControl } from './executed-subject.ts';

export interface TracingParts extends RunParts, ReplayParts {
  /** Guests that tell which blocks they execute. */
  readonly traced: (onBlock: (address: number, code: Uint8Array) => void) => GuestFactory;
}

/** Runs or replays a program and gives the blocks that it executed, each content once, where it was met first. */
export async function executedBlocks(
  subject: ExecutedSubject,
  parts: TracingParts,
  { signal, onProgress }: ExecutionControl,
): Promise<readonly ExecutedBlock[]> {
  const blocks = new Map<string, ExecutedBlock>();
  const guests = parts.traced((address, code) => {
    const key = code.join();
    if (!blocks.has(key)) blocks.set(key, { address: BigInt(address), code });
  });
  const tracing = { ...parts, guests };
  const control = {
    engine: guests.engines[0],
    signal,
    onProgress: ({ icount, total }: { readonly icount: number; readonly total?: number }) =>
      onProgress?.({ what: 'executing', done: icount, total }),
  };
  if (subject.kind === 'recording')
    await replayRecording({ ...control, recording: subject.recording, verify: false }, tracing);
  else await runProgram({ ...control, ...subject }, tracing);
  return [...blocks.values()].filter(({ address }) => subject.at === undefined || address === subject.at);
}

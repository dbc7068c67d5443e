import { Replayer, type ReplayParts } from '../recording/replayer.ts';
import { recordingOutline } from '../replay-recording.ts';
import type { ProfileRequest, ProfileResult } from './guidance.ts';
import { ProfileCollector } from './profile-collector.ts';
import { addToProfile } from './profile-log.ts';

export interface ProfileParts extends ReplayParts {
  readonly newId: () => string;
}

/** Execution mode of the guests: only user mode for now. */
const mode = 'user';

/**
 * Replays a recording with everything interpreted, counts how often its blocks are entered, and adds that to the profile of its
 * program. Throws `unknown-recording`, `damaged-recording`, RequestDiverged and the stores' faults.
 */
export async function profileRecording(request: ProfileRequest, parts: ProfileParts): Promise<ProfileResult> {
  const { recording, signal } = request;
  const collector = new ProfileCollector(parts.hash);
  const { guests } = parts;
  const counting: ReplayParts = {
    ...parts,
    guests: {
      engines: guests.engines,
      onThisHost: (engine) => guests.onThisHost(engine),
      create: (setup, engine, host) => guests.create(setup, engine, host, collector),
    },
  };
  const { icount: end } = await recordingOutline(recording, parts);
  const total = Math.min(end, request.until ?? end);
  const replayer = await Replayer.open(recording, guests.engines[0]!, counting);
  try {
    await replayer.seek(total, {
      signal,
      onProgress: ({ icount }) => request.onProgress?.({ icount, total }),
    });
  } finally {
    await replayer.close();
  }
  const program = replayer.setup.program.digest;
  const { icount: instructions, isa } = replayer.machine;
  const blocks = collector.blocks();
  const complete = signal?.aborted !== true;
  if (complete)
    await addToProfile({ isa: isa.name, mode, recording, instructions, blocks }, program, {
      events: parts.stores.events,
      newId: parts.newId,
    });
  return { recording, program, instructions, blocks: blocks.length, complete };
}

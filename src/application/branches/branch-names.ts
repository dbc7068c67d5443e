import type { EventStore } from '../ports/event-store.ts';
import { branchStreams, historyName, mainBranch, parseHistory } from '../recording/history.ts';
import { RecordingError } from '../recording/recording-error.ts';

/** The names of a recording's branches, in order, without the one that was recorded. */
export async function branchesOf(recording: string, events: EventStore): Promise<readonly string[]> {
  const prefix = branchStreams(recording);
  return (await events.streams(prefix)).map((stream) => stream.slice(prefix.length));
}

/** The branch to make of `history`, under the name asked for or the first `fork-N` that is free. Throws `recording-exists`. */
export async function nameOfBranch(
  history: string,
  asked: string | undefined,
  events: EventStore,
): Promise<string> {
  const { recording } = parseHistory(history);
  const taken = new Set([mainBranch, ...(await branchesOf(recording, events))]);
  if (asked === undefined) {
    let number = 1;
    while (taken.has(`fork-${number}`)) number++;
    return historyName(recording, `fork-${number}`);
  }
  const branch = historyName(recording, asked);
  parseHistory(branch);
  if (!taken.has(asked)) return branch;
  throw new RecordingError(
    'recording-exists',
    `${recording} has a branch named ${asked} already: choose another name, or delete it first`,
    { recording: branch },
  );
}

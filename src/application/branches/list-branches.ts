import type { Stores } from '../recording/journal.ts';
import { historyName, mainBranch, parseHistory } from '../recording/history.ts';
import { forkPoint } from '../recording/recorded-events.ts';
import { showRecording } from '../manage-recordings.ts';
import { branchesOf } from './branch-names.ts';
import type { BranchSummary } from './fork-request.ts';

/** Every branch of a recording, the one that was recorded first. Throws `unknown-recording` or `damaged-recording`. */
export async function listBranches(history: string, stores: Stores): Promise<readonly BranchSummary[]> {
  const { recording } = parseHistory(history);
  const { icount, end, events } = await showRecording(recording, stores);
  const main = { branch: mainBranch, parent: undefined, forkedAt: undefined, edits: [], icount, end, events };
  const branches: BranchSummary[] = [main];
  for (const branch of await branchesOf(recording, stores.events)) {
    const name = historyName(recording, branch);
    const { fork, first } = await forkPoint(stores.events, name);
    const shown = await showRecording(name, stores);
    branches.push({
      branch,
      parent: fork.parent,
      forkedAt: fork.icount,
      edits: fork.edits,
      icount: shown.icount,
      end: shown.end,
      events: shown.events - first,
    });
  }
  return branches;
}

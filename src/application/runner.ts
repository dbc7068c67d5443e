import type { Runner } from './isochron.ts';
import type { Damage } from './ports/store-fault.ts';
import type { Stores } from './recording/journal.ts';
import { replayRecording } from './replay-recording.ts';
import { runProgram, type RunParts } from './run-program.ts';

/** What running and replaying need, over a store that is open. */
export interface RunnerParts extends RunParts {
  readonly stores: Stores & { readonly damage: readonly Damage[]; close(): Promise<void> };
}

/** The use cases of most processes, over one store. */
export const createRunner = (parts: RunnerParts): Runner => ({
  engines: parts.guests.engines,
  damage: parts.stores.damage,
  run: (request) => runProgram(request, parts),
  replay: (request) => replayRecording(request, parts),
  close: () => parts.stores.close(),
});

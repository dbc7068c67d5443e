import { forkRecording } from './branches/fork-recording.ts';
import { listBranches } from './branches/list-branches.ts';
import { compareEngines } from './compare-engines.ts';
import { copyRecording } from './copy-recording.ts';
import { diffHistories } from './diff/diff-histories.ts';
import { workShards } from './distribution/work-shards.ts';
import { distributeIndex, indexWorker } from './effects/distribute-index.ts';
import { effectsStream } from './effects/effects-log.ts';
import { followRecording } from './effects/follow-recording.ts';
import { indexRecording, type IndexingParts } from './effects/index-recording.ts';
import { inspectRecording } from './inspect-recording.ts';
import { programSymbols } from './inspection/program-symbols.ts';
import { createGuidance } from './guidance/create-guidance.ts';
import type { Isochron } from './isochron.ts';
import {
  deleteRecording,
  exportRecording,
  importRecording,
  recordingNames,
  showRecording,
} from './manage-recordings.ts';
import { createProofs, type ProofParts } from './proofs/create-proofs.ts';
import { executedBlocks } from './proofs/executed-blocks.ts';
import type { OpenAheadTranslator } from './ports/ahead-translator.ts';
import type { ConsumerGroups } from './ports/consumer-groups.ts';
import type { DataFiles } from './ports/data-files.ts';
import type { TracedGuests } from './ports/effect-trace.ts';
import type { RecordingArchive } from './ports/recording-archive.ts';
import type { OpenSqlDatabase } from './ports/sql-database.ts';
import { recordedSetup } from './recording/recorded-events.ts';
import { replayWorker, runReplayCampaign } from './replay-campaign.ts';
import { createRunner, type RunnerParts } from './runner.ts';
import { exportEffects } from './traces/export-effects.ts';
import { exportTimeline } from './traces/export-timeline.ts';
import { queryEffects } from './traces/query-effects.ts';
import { traceEffects } from './traces/trace-effects.ts';
import { RecordingTraveller } from './travel/recording-traveller.ts';
import { CampaignWorker } from './verification/campaign-worker.ts';
import { createVerification } from './verification/create-verification.ts';
import type { VerificationParts } from './verification/verification-parts.ts';
import { watchEvents } from './watch-events.ts';

/** Everything the use cases are made of. */
export interface IsochronParts extends RunnerParts {
  readonly stores: RunnerParts['stores'] & { readonly groups: ConsumerGroups };
  readonly archive: RecordingArchive;
  readonly verified: Omit<VerificationParts, 'executed' | 'hash' | 'events' | 'groups' | 'newId'>;
  readonly proved: Pick<ProofParts, 'openSolver' | 'traced'>;
  /** Guests that mark what they do. */
  readonly marking: IndexingParts['marking'];
  /** Guests whose every instruction is followed. */
  readonly followed: TracedGuests;
  readonly openAhead: OpenAheadTranslator;
  readonly files: DataFiles;
  readonly openSql: OpenSqlDatabase;
}

/** The use cases over one store. */
export function createIsochron(parts: IsochronParts): Isochron {
  const { stores, guests, newId, verified } = parts;
  const verification: VerificationParts = {
    ...verified,
    executed: (subject, control) => executedBlocks(subject, { ...parts, ...parts.proved }, control),
    hash: parts.hash,
    events: stores.events,
    groups: stores.groups,
    newId,
  };
  return {
    ...createRunner(parts),
    onThisHost: (engine) => guests.onThisHost(engine),
    verification: createVerification(verification),
    proofs: createProofs({ ...parts, ...verified, ...parts.proved }),
    guidance: createGuidance(parts),
    compare: (request) => compareEngines(request, parts),
    fork: (request) => forkRecording(request, parts),
    diff: (request) => diffHistories(request, parts),
    branches: (recording) => listBranches(recording, stores),
    inspect: (request) => inspectRecording(request, parts),
    index: (request) => indexRecording(request, parts),
    distributeIndex: (request) => distributeIndex(request, parts),
    followIndex: (request) => followRecording(request, parts),
    dropIndex: (recording) => stores.events.delete(effectsStream(recording)),
    travel: (request) => RecordingTraveller.open(request, parts),
    effects: (request) => traceEffects(request, parts),
    exportEffects: (request) => exportEffects(request, parts),
    sql: (request, answer) => queryEffects(request, answer, parts),
    exportTimeline: (request) => exportTimeline(request, parts),
    names: () => recordingNames(stores),
    list: async () => {
      const names = await recordingNames(stores);
      return Promise.all(names.map((name) => showRecording(name, stores)));
    },
    show: (recording) => showRecording(recording, stores),
    delete: (recording) => deleteRecording(recording, stores),
    exportTo: (recording, file) => exportRecording(recording, file, parts),
    importFrom: (file, name) => importRecording(file, name, parts),
    copyFrom: (source, request) => copyRecording(request, source.stores, stores),
    stores,
    replayCampaign: (request) => runReplayCampaign(request, parts),
    work: (request) => {
      const workers = {
        verification: new CampaignWorker(verification),
        replay: replayWorker(parts),
        index: indexWorker(parts),
      };
      return workShards(request, { ...stores, workers });
    },
    events: (request) => watchEvents(request, stores.events),
    program: async (recording) => {
      const { program } = await recordedSetup(stores.events, recording);
      return stores.blobs.get(program.digest);
    },
    symbols: (recording) => programSymbols(recording, stores),
  };
}

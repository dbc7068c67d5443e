import type { RecordingReplayedData } from '../domain/replay-campaign/events.ts';
import { readReplayCampaignEvent } from '../domain/replay-campaign/read-event.ts';
import {
  replayCampaign,
  type ReplayCampaignCommand,
  type ReplayCampaignRefusal,
  type ReplayCampaignState,
} from '../domain/replay-campaign/replay-campaign.ts';
import type { ReplayCampaignEvent } from '../domain/replay-campaign/events.ts';
import { DecidedStream } from './decided-stream.ts';
import { awaitShards } from './distribution/await-shards.ts';
import { offerShards } from './distribution/offer-shards.ts';
import type { ShardWorker } from './distribution/shard-work.ts';
import { recordingNames } from './manage-recordings.ts';
import type { ConsumerGroups } from './ports/consumer-groups.ts';
import { RecordingError } from './recording/recording-error.ts';
import type { ReplayParts } from './recording/replayer.ts';
import type { ReplayCampaignRequest, ReplayCampaignResult } from './replay-campaign-request.ts';
import { replayRecording } from './replay-recording.ts';

export interface ReplayCampaignParts extends ReplayParts {
  readonly stores: ReplayParts['stores'] & { readonly groups: ConsumerGroups };
  readonly newId: () => string;
}

type Log = DecidedStream<
  ReplayCampaignCommand,
  ReplayCampaignState,
  ReplayCampaignEvent,
  ReplayCampaignRefusal
>;

/** Leaves replaying recordings to the workers of the store, and waits for them; goes on with a campaign of that name. */
export async function runReplayCampaign(
  { campaign, recordings, engine, signal, onProgress }: ReplayCampaignRequest,
  parts: ReplayCampaignParts,
): Promise<ReplayCampaignResult> {
  const log = logOf(campaign, parts);
  const setup = {
    recordings: recordings ?? (await recordingNames(parts.stores)),
    engine: engine ?? parts.guests.engines[0]!,
  };
  const started = await log.decide(() => ({ type: 'StartReplayCampaign', setup }));
  if (!started.ok && started.error.reason === 'nothing-to-replay')
    throw new RecordingError('invalid-request', 'there is no recording to replay');
  const { state } = log;
  if (state.status === 'absent') throw new TypeError('the campaign has not started');
  if (recordings !== undefined && String(recordings) !== String(state.setup.recordings))
    throw new RecordingError(
      'invalid-request',
      `replay campaign ${campaign} has other recordings (${state.setup.recordings.join(', ')}): choose another name`,
      { campaign },
    );
  const all = state.setup.recordings;
  await offerShards(
    replayStream(campaign),
    all.map((_, shard) => ({ kind: 'replay', campaign, shard })),
    parts.stores,
  );
  const left = async (): Promise<readonly number[]> => {
    const replayed = replayedIn(await log.refresh());
    onProgress?.(replayed.size, all.length);
    return [...all.keys()].filter((shard) => !replayed.has(shard));
  };
  const parked = await awaitShards({ kind: 'replay', campaign, left, signal }, parts.stores);
  const replayed = [...replayedIn(log.state).values()].sort((a, b) => a.shard - b.shard);
  return { campaign, replayed, recordings: all.length, parked };
}

/** Replays recordings of campaigns that were started elsewhere. */
export const replayWorker = (parts: ReplayCampaignParts): ShardWorker => ({
  async work({ campaign, shard }, { signal }) {
    const log = logOf(campaign, parts);
    const state = await log.refresh();
    const recording = state.status === 'absent' ? undefined : state.setup.recordings[shard];
    if (state.status === 'absent' || recording === undefined)
      throw new RecordingError(
        'invalid-request',
        `there is no shard ${shard.toString()} in replay campaign ${campaign}`,
      );
    if (state.replayed.has(shard)) return 'known';
    const replayed = await replayShard(recording, state.setup.engine, signal, parts);
    if (replayed === undefined) return 'interrupted';
    const decided = await log.decide(() => ({
      type: 'RecordReplay',
      replayed: { shard, recording, ...replayed },
    }));
    return decided.ok ? 'recorded' : 'known';
  },
});

/** Undefined when the signal came first. */
async function replayShard(
  recording: string,
  engine: string,
  signal: AbortSignal | undefined,
  parts: ReplayCampaignParts,
): Promise<Omit<RecordingReplayedData, 'shard' | 'recording'> | undefined> {
  try {
    const result = await replayRecording({ recording, engine, signal }, parts);
    if (signal?.aborted === true && !result.complete) return undefined;
    return {
      icount: result.icount,
      digests: result.digestsChecked,
      replies: result.repliesChecked,
      outcome: result.divergence === undefined ? 'agrees' : 'diverges',
      summary: result.divergence?.summary ?? '',
    };
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    if (!(error instanceof Error) || typeof code !== 'string' || !/damaged|missing/.test(code)) throw error;
    return { icount: 0, digests: 0, replies: 0, outcome: 'damaged', summary: error.message };
  }
}

const replayedIn = (state: ReplayCampaignState): ReadonlyMap<number, RecordingReplayedData> =>
  state.status === 'absent' ? new Map() : state.replayed;

/** The stream that holds a replay campaign. Throws `invalid-request`. */
function replayStream(campaign: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(campaign))
    throw new RecordingError(
      'invalid-request',
      `${JSON.stringify(campaign)} cannot name a campaign: use 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first`,
    );
  return `replay-${campaign}`;
}

const logOf = (campaign: string, { stores, newId }: ReplayCampaignParts): Log =>
  new DecidedStream({
    events: stores.events,
    stream: replayStream(campaign),
    decider: replayCampaign,
    read: readReplayCampaignEvent,
    newId,
    damaged: ({ revision }, why) =>
      new RecordingError(
        'damaged-recording',
        `event ${revision.toString()} of replay campaign ${campaign} cannot be used: ${why}; begin another campaign`,
      ),
  });

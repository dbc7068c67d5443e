import { shardsLeft } from '../../domain/campaign/campaign.ts';
import type { CampaignStartedData } from '../../domain/campaign/events.ts';
import { awaitShards, type ParkedShard } from '../distribution/await-shards.ts';
import { offerShards } from '../distribution/offer-shards.ts';
import { CampaignLog, campaignStream } from './campaign-log.ts';
import { prepareBlocks, prepareInstructions, type PreparedCampaign } from './prepare-campaign.ts';
import type { Named, Relation } from './relation.ts';
import { VerificationError } from './verification-error.ts';
import type { VerificationParts } from './verification-parts.ts';
import {
  defaultCases,
  defaultShardSize,
  type VerificationResult,
  type VerifyRequest,
} from './verification.ts';
import { verifyShard } from './verify-shard.ts';

/**
 * Runs a campaign, or what is left of it. Law: what a shard finds depends on the campaign's setup and the shard's number
 * alone, so interruptions, kills and the order of shards change nothing in the verdict.
 */
export async function verifyTranslation(
  request: VerifyRequest,
  parts: VerificationParts,
): Promise<VerificationResult> {
  return request.executed
    ? runCampaign(request, await prepareBlocks(request.executed, request, parts), parts)
    : runCampaign(request, await prepareInstructions(request, parts), parts);
}

async function runCampaign<Unit extends Named>(
  request: VerifyRequest,
  { subjects, units, tested, reference, notAsked, missing, begin }: PreparedCampaign<Unit>,
  parts: VerificationParts,
): Promise<VerificationResult> {
  const cases = request.cases ?? defaultCases;
  const shardSize = request.shardSize ?? defaultShardSize;
  const each = Math.min(
    cases,
    Math.max(1, Math.ceil(shardSize / units.length)),
    Math.max(1, Math.ceil(cases / (request.shards ?? 1))),
  );
  const setup: CampaignStartedData = {
    isa: parts.isa.name,
    subjects,
    instructions: units.map(({ name }) => name),
    relation: request.relation ?? 'engine',
    tested,
    reference,
    blockLength: request.blockLength ?? 1,
    seed: request.seed ?? '0',
    shards: Math.ceil(cases / each),
    casesPerShard: each,
  };
  const log = await CampaignLog.open(setup, request.campaign, parts);
  const resumedFrom = log.state.verified.size;
  const parked = request.distribute === true ? await distribute(request, log, parts) : [];
  if (request.distribute !== true) await verifyHere(request, log, begin, units);
  await log.finish();
  return {
    campaign: request.campaign,
    state: log.state,
    resumedFrom,
    notAsked,
    ...missing(log.state.coverage),
    parked,
  };
}

async function verifyHere<Unit extends Named>(
  { part, signal, onProgress }: VerifyRequest,
  log: CampaignLog,
  begin: () => Relation<Unit>,
  units: readonly Unit[],
): Promise<void> {
  const { setup } = log.state;
  for (const shard of shardsLeft(log.state, part?.index ?? 0, part?.of ?? 1)) {
    const before = log.state;
    const result = await verifyShard(setup, shard, units, begin(), {
      signal,
      onProgress: ({ cases, counterexamples }) =>
        onProgress?.({
          cases: before.cases + cases,
          total: totalCases(setup),
          counterexamples: before.counterexamples.length + counterexamples,
        }),
    });
    if (result === undefined) return;
    await log.verified(shard, result);
  }
}

/** Leaves the work to the workers of the store, and waits for them. */
async function distribute(
  { campaign, signal, onProgress }: VerifyRequest,
  log: CampaignLog,
  parts: VerificationParts,
): Promise<readonly ParkedShard[]> {
  if (campaign === undefined)
    throw new VerificationError('invalid-campaign', 'only a campaign with a name can be distributed');
  const offers = shardsLeft(log.state, 0, 1).map((shard) => ({
    kind: 'verification' as const,
    campaign,
    shard,
  }));
  await offerShards(campaignStream(campaign), offers, parts);
  const left = async (): Promise<readonly number[]> => {
    const state = await log.refresh();
    const { cases, counterexamples, setup } = state;
    onProgress?.({ cases, total: totalCases(setup), counterexamples: counterexamples.length });
    return shardsLeft(state, 0, 1);
  };
  return awaitShards({ kind: 'verification', campaign, left, signal }, parts);
}

const totalCases = ({ shards, casesPerShard, instructions }: CampaignStartedData): number =>
  shards * casesPerShard * instructions.length;

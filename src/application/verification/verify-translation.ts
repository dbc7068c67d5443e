import { shardsLeft } from '../../domain/campaign/campaign.ts';
import type { CampaignStartedData } from '../../domain/campaign/events.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import { awaitShards, type ParkedShard } from '../distribution/await-shards.ts';
import { offerShards } from '../distribution/offer-shards.ts';
import { CampaignLog, campaignStream } from './campaign-log.ts';
import { prepareRelation } from './prepare-relation.ts';
import type { Relation } from './relation.ts';
import { rowsOf } from './subjects.ts';
import { missingClasses } from './untried.ts';
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
  const { isa } = parts;
  const asked = rowsOf(isa, request.subjects ?? []);
  const { begin, tested, reference, notAsked, reaches } = await prepareRelation(request, parts);
  const rows = asked.filter(({ name }) => !notAsked.includes(name));
  if (rows.length === 0)
    throw new VerificationError(
      'unknown-subject',
      `${reference} knows none of ${asked.map(({ name }) => name).join(', ')}: choose other instructions or another reference`,
      { reference },
    );
  const cases = request.cases ?? defaultCases;
  const shardSize = request.shardSize ?? defaultShardSize;
  const each = Math.min(
    cases,
    Math.max(1, Math.ceil(shardSize / rows.length)),
    Math.max(1, Math.ceil(cases / (request.shards ?? 1))),
  );
  const setup: CampaignStartedData = {
    isa: isa.name,
    subjects: request.subjects?.length ? request.subjects : [isa.name],
    instructions: rows.map(({ name }) => name),
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
  if (request.distribute !== true) await verifyHere(request, log, () => begin(rows), rows);
  await log.finish();
  return {
    campaign: request.campaign,
    state: log.state,
    resumedFrom,
    notAsked: asked.filter(({ name }) => notAsked.includes(name)).map(({ name }) => name),
    ...missingClasses(rows, log.state.coverage, reaches),
    parked,
  };
}

async function verifyHere(
  { part, signal, onProgress }: VerifyRequest,
  log: CampaignLog,
  begin: () => Relation,
  rows: readonly Row[],
): Promise<void> {
  const { setup } = log.state;
  for (const shard of shardsLeft(log.state, part?.index ?? 0, part?.of ?? 1)) {
    const before = log.state;
    const result = await verifyShard(setup, shard, rows, begin(), {
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

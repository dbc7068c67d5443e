import { shardsLeft, type Counterexample, type ShardResult } from '../../domain/campaign/campaign.ts';
import type { CampaignStartedData } from '../../domain/campaign/events.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import { CampaignLog } from './campaign-log.ts';
import { CoverageCounter } from './coverage-counter.ts';
import { Random } from './generators/random.ts';
import { prepareRelation, type VerificationParts } from './prepare-relation.ts';
import type { Relation } from './relation.ts';
import { rowsOf } from './subjects.ts';
import { untriedClasses } from './untried.ts';
import { VerificationError } from './verification-error.ts';
import {
  defaultCases,
  defaultShardSize,
  type VerificationResult,
  type VerifyRequest,
} from './verification.ts';

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
  const { begin, tested, reference, notAsked } = await prepareRelation(request, parts);
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
  const left = shardsLeft(log.state, request.part?.index ?? 0, request.part?.of ?? 1);
  for (const shard of left) {
    const result = await verifyShard(setup, shard, rows, begin(rows), request, log);
    if (result === undefined) break;
    await log.verified(shard, result);
  }
  await log.finish();
  return {
    campaign: request.campaign,
    state: log.state,
    resumedFrom,
    notAsked: asked.filter(({ name }) => notAsked.includes(name)).map(({ name }) => name),
    untried: untriedClasses(rows, log.state.coverage),
  };
}

/** Undefined when it was aborted. */
async function verifyShard(
  setup: CampaignStartedData,
  shard: number,
  rows: readonly Row[],
  relation: Relation,
  { signal, onProgress }: VerifyRequest,
  { state }: CampaignLog,
): Promise<ShardResult | undefined> {
  const coverage = new CoverageCounter();
  const counterexamples: Counterexample[] = [];
  let cases = 0;
  let knownDifferences = 0;
  for (const row of rows) {
    if (signal?.aborted === true) return undefined;
    const random = new Random(setup.seed, shard, row.name);
    const result = relation.verify(row, random, setup.casesPerShard, coverage);
    cases += result.cases;
    knownDifferences += result.knownDifferences;
    if (result.counterexample) counterexamples.push(result.counterexample);
    onProgress?.({
      cases: state.cases + cases,
      total: setup.shards * setup.casesPerShard * rows.length,
      counterexamples: state.counterexamples.length + counterexamples.length,
    });
    // Lets a signal be seen.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { cases, knownDifferences, counterexamples, coverage: coverage.coverage };
}

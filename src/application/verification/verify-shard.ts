import type { Counterexample, ShardResult } from '../../domain/campaign/campaign.ts';
import type { CampaignStartedData } from '../../domain/campaign/events.ts';
import { CoverageCounter } from './coverage-counter.ts';
import { Random } from './generators/random.ts';
import type { Named, Relation } from './relation.ts';

/** How far a shard has come. */
export interface ShardControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    ((progress: { readonly cases: number; readonly counterexamples: number }) => void) | undefined;
}

/**
 * Tries the cases of one shard. Law: what is found depends on the campaign's setup and the shard's number alone. Undefined
 * when it was aborted.
 */
export async function verifyShard<Unit extends Named>(
  setup: CampaignStartedData,
  shard: number,
  units: readonly Unit[],
  relation: Relation<Unit>,
  { signal, onProgress }: ShardControl,
): Promise<ShardResult | undefined> {
  const coverage = new CoverageCounter();
  const counterexamples: Counterexample[] = [];
  let cases = 0;
  let knownDifferences = 0;
  for (const unit of units) {
    if (signal?.aborted === true) return undefined;
    const random = new Random(setup.seed, shard, unit.name);
    const result = relation.verify(unit, random, setup.casesPerShard, coverage);
    cases += result.cases;
    knownDifferences += result.knownDifferences;
    if (result.counterexample) counterexamples.push(result.counterexample);
    onProgress?.({ cases, counterexamples: counterexamples.length });
    // Lets a signal be seen.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { cases, knownDifferences, counterexamples, coverage: coverage.coverage };
}

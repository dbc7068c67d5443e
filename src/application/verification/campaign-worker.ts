import type { CampaignStartedData } from '../../domain/campaign/events.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { ShardWorker } from '../distribution/shard-work.ts';
import { CampaignLog } from './campaign-log.ts';
import { oracleNamedIn } from './present-oracles.ts';
import { prepareRelation } from './prepare-relation.ts';
import { rowsOf } from './subjects.ts';
import { VerificationError } from './verification-error.ts';
import type { PreparedRelation, VerificationParts } from './verification-parts.ts';
import { verifyShard } from './verify-shard.ts';

interface Prepared {
  readonly log: CampaignLog;
  readonly relation: PreparedRelation;
  readonly rows: readonly Row[];
}

/** Verifies shards of campaigns that were started elsewhere, from what their first event says. */
export class CampaignWorker implements ShardWorker {
  readonly #parts: VerificationParts;
  readonly #prepared = new Map<string, Prepared>();

  constructor(parts: VerificationParts) {
    this.#parts = parts;
  }

  work: ShardWorker['work'] = async ({ campaign, shard }, { signal }) => {
    const { log, relation, rows } = await this.#prepare(campaign);
    const { setup, verified } = await log.refresh();
    if (verified.has(shard)) return 'known';
    const result = await verifyShard(setup, shard, rows, relation.begin(rows), { signal });
    if (result === undefined) return 'interrupted';
    const recorded = await log.verified(shard, result);
    await log.finish();
    return recorded ? 'recorded' : 'known';
  };

  async #prepare(campaign: string): Promise<Prepared> {
    const known = this.#prepared.get(campaign);
    if (known !== undefined) return known;
    const log = await CampaignLog.resume(campaign, this.#parts);
    const { setup } = log.state;
    const prepared = {
      log,
      relation: await prepareRecorded(setup, this.#parts),
      rows: rowsOf(this.#parts.isa, setup.instructions),
    };
    this.#prepared.set(campaign, prepared);
    return prepared;
  }
}

/** What the campaign was started with, of this process's own making. Throws VerificationError where that is something else. */
async function prepareRecorded(
  setup: CampaignStartedData,
  parts: VerificationParts,
): Promise<PreparedRelation> {
  const { relation, blockLength, tested, reference } = setup;
  const differs = (what: string, wanted: string, found: string): VerificationError =>
    new VerificationError('invalid-campaign', `the campaign needs ${what} ${wanted}, here is ${found}`);
  if (setup.isa !== parts.isa.name) throw differs('the instruction set', setup.isa, parts.isa.name);
  const prepared = await prepareRelation(
    {
      relation,
      blockLength,
      engines: tested[0] === 'isa' ? undefined : tested,
      oracle: oracleNamedIn(reference, relation, parts),
    },
    parts,
  );
  if (prepared.reference !== reference) throw differs('the reference', reference, prepared.reference);
  if (String(prepared.tested) !== String(tested))
    throw differs('the engines', tested.join(', '), prepared.tested.join(', '));
  return prepared;
}

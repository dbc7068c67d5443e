import {
  count,
  list,
  literal,
  positive,
  type RawEvent,
  readEvent,
  record,
  type Schemas,
  shape,
  text,
  type Upcasters,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { CampaignEvent, CampaignEventType } from './events.ts';

/** Turns stored data back into a campaign's events. */
const schemas: Schemas<CampaignEventType> = {
  CampaignStarted: {
    version: 1,
    fields: {
      isa: text,
      subjects: list(text),
      instructions: list(text),
      relation: literal('engine', 'optimised', 'oracle', 'disassembly', 'encoding', 'assembly'),
      tested: list(text),
      reference: text,
      blockLength: positive,
      seed: text,
      shards: positive,
      casesPerShard: positive,
    },
  },
  CounterexampleFound: {
    version: 1,
    fields: {
      shard: count,
      instruction: text,
      tested: text,
      original: text,
      listing: list(text),
      case: text,
      differences: list(shape({ field: text, expected: text, found: text })),
    },
  },
  ShardVerified: {
    version: 1,
    fields: {
      shard: count,
      cases: count,
      counterexamples: count,
      knownDifferences: count,
      coverage: record(record(record(count))),
    },
  },
  CampaignCompleted: {
    version: 1,
    fields: { verdict: literal('holds', 'refuted'), cases: count, counterexamples: count },
  },
};

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export const readCampaignEvent = (raw: RawEvent): Result<CampaignEvent, string> =>
  readEvent<CampaignEvent>(raw, schemas, upcasters);

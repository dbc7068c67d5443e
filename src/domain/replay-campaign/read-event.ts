import {
  count,
  list,
  literal,
  type RawEvent,
  readEvent,
  type Schemas,
  text,
  type Upcasters,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { ReplayCampaignEvent, ReplayCampaignEventType } from './events.ts';

/** Turns stored data back into a replay campaign's events. */
const schemas: Schemas<ReplayCampaignEventType> = {
  ReplayCampaignStarted: { version: 1, fields: { recordings: list(text), engine: text } },
  RecordingReplayed: {
    version: 1,
    fields: {
      shard: count,
      recording: text,
      icount: count,
      digests: count,
      replies: count,
      outcome: literal('agrees', 'diverges', 'damaged'),
      summary: text,
    },
  },
  ReplayCampaignCompleted: { version: 1, fields: { verdict: literal('agree', 'differ') } },
};

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export const readReplayCampaignEvent = (raw: RawEvent): Result<ReplayCampaignEvent, string> =>
  readEvent<ReplayCampaignEvent>(raw, schemas, upcasters);

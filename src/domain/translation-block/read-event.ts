import {
  count,
  digest,
  positive,
  type RawEvent,
  readEvent,
  type Schemas,
  text,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { TranslationBlockEvent } from './events.ts';

/** Turns stored data back into a translation block's events; no event has an older version yet. */
const schemas: Schemas<TranslationBlockEvent['type']> = {
  BlockLifted: { version: 1, fields: { isa: text, mode: text, code: text, instructions: positive } },
  BlockTranslated: { version: 1, fields: { engine: text, output: digest, size: count } },
  BlockPromoted: { version: 1, fields: { engine: text, tier: count } },
  BlockVerified: { version: 1, fields: { engine: text, reference: text, samples: positive, seed: text } },
  BlockProved: { version: 1, fields: { engine: text, solver: text } },
  BlockRefuted: { version: 1, fields: { engine: text, reference: text, counterexample: digest } },
  BlockInvalidated: { version: 1, fields: { engine: text } },
};

/** The event; or why it is none. */
export const readTranslationBlockEvent = (raw: RawEvent): Result<TranslationBlockEvent, string> =>
  readEvent<TranslationBlockEvent>(raw, schemas, {});

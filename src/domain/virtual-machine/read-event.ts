import {
  boolean,
  type Check,
  count,
  digest,
  either,
  finite,
  list,
  literal,
  optional,
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
import { isEdit } from './edit.ts';
import type { MachineEvent, MachineEventType } from './events.ts';

/** Turns stored data back into a machine's events. */
const isBase64: Check = (value) =>
  typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);

const blob = shape({ blob: digest, length: count });
const reply = either(
  shape({ ok: literal(false), error: text }),
  shape({
    ok: literal(true),
    value: optional(finite),
    target: optional(text),
    names: optional(either(list(text), blob)),
    bytes: optional(either(shape({ base64: isBase64 }), blob)),
    stat: optional(
      shape({
        kind: literal('file', 'directory', 'symlink', 'other'),
        size: finite,
        mode: finite,
        mtimeMs: finite,
        inode: finite,
        links: finite,
      }),
    ),
  }),
);
const guestEnd = either(
  shape({ kind: literal('exited'), code: count }),
  shape({ kind: literal('killed'), signal: count, reason: text }),
  shape({ kind: literal('deadlocked'), reason: text }),
);
const ending = { icount: count, digest, chain: digest, unsupported: record(count) };

const schemas: Schemas<MachineEventType> = {
  MachineCreated: {
    version: 1,
    fields: {
      isa: text,
      program: shape({ path: text, digest, size: count }),
      arguments: list(text),
      environment: record(text),
      workingDirectory: text,
      mounts: list(shape({ guest: text, readOnly: boolean })),
      seed: text,
      epoch: (value) => typeof value === 'string' && /^\d{1,20}$/.test(value),
      memorySize: count,
      digestInterval: positive,
      checkpointInterval: positive,
    },
  },
  MachineStarted: { version: 1, fields: { entry: text, digest, chain: digest } },
  HostReplied: { version: 1, fields: { icount: count, call: text, request: digest, reply } },
  ExecutionAdvanced: { version: 1, fields: { icount: count, digest, chain: digest } },
  CheckpointTaken: { version: 1, fields: { icount: count, snapshot: digest } },
  MachineExited: { version: 1, fields: { ...ending, status: guestEnd } },
  MachineStopped: {
    version: 1,
    fields: { ...ending, reason: literal('instruction-limit', 'interrupted') },
  },
  MachineForked: {
    version: 1,
    fields: { parent: text, revision: count, icount: count, edits: list(isEdit), digest, chain: digest },
  },
  RequestUnanswered: { version: 1, fields: { icount: count, call: text, request: digest } },
};

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export const readMachineEvent = (raw: RawEvent, steps: Upcasters = upcasters): Result<MachineEvent, string> =>
  readEvent<MachineEvent>(raw, schemas, steps);

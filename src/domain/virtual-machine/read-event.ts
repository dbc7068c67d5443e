import { refuse, ok, type Result } from '../shared/result.ts';
import type { MachineEvent, MachineEventType } from './events.ts';

/**
 * Turns stored data back into events. Laws: pure; older versions are upcast one step at a time to the present one;
 * anything that is not an event of a known version and shape is refused with its reason, never guessed.
 */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const finite: Check = (value) => Number.isFinite(value);
const boolean: Check = (value) => typeof value === 'boolean';
const digest: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const record =
  (item: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(item);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const literal =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

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

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

type Fields = Readonly<Record<string, Check>>;

/** The present version of each event, and what its data must hold. */
const schemas: Readonly<Record<MachineEventType, { readonly version: number; readonly fields: Fields }>> = {
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
      digestInterval: (value) => count(value) && value !== 0,
      checkpointInterval: (value) => count(value) && value !== 0,
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
};

/** An event as stored, of whatever version. */
export interface RawEvent {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

/** Rewrites an event of one version as the next one. Keyed by `type@version`. */
export type Upcasters = Readonly<Record<string, (data: unknown) => unknown>>;

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export function readMachineEvent(raw: RawEvent, steps: Upcasters = upcasters): Result<MachineEvent, string> {
  if (!Object.hasOwn(schemas, raw.type)) return refuse(`unknown event type ${JSON.stringify(raw.type)}`);
  const type = raw.type as MachineEventType;
  const { version: present, fields } = schemas[type];
  let { version, data } = raw;
  while (version < present) {
    const step = steps[`${type}@${version.toString()}`];
    if (step === undefined) return refuse(`${type} version ${version.toString()} is not known`);
    data = step(data);
    version++;
  }
  if (version > present)
    return refuse(
      `${type} version ${version.toString()} was written by a newer Isochron; this one reads ${present.toString()}`,
    );
  if (!isRecord(data)) return refuse(`${type} carries no data`);
  for (const [name, check] of Object.entries(fields))
    if (!check(data[name])) return refuse(`${type} has a malformed ${JSON.stringify(name)}`);
  return ok({ type, version, data } as unknown as MachineEvent);
}

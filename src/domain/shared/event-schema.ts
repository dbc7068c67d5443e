import { ok, refuse, type Result } from './result.ts';

/**
 * Turns stored data back into events. Laws: pure; older versions are upcast one step at a time to the present one;
 * anything that is not an event of a known version and shape is refused with its reason, never guessed.
 */
export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === 'string';
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const positive: Check = (value) => count(value) && value !== 0;
export const finite: Check = (value) => Number.isFinite(value);
export const boolean: Check = (value) => typeof value === 'boolean';
export const digest: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
export const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const record =
  (item: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(item);
export const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
export const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
export const literal =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

/** The present version of each event type, and what its data must hold. */
export type Schemas<Type extends string> = Readonly<
  Record<Type, { readonly version: number; readonly fields: Readonly<Record<string, Check>> }>
>;

/** An event as stored, of whatever version. */
export interface RawEvent {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

/** Rewrites an event of one version as the next one. Keyed by `type@version`. */
export type Upcasters = Readonly<Record<string, (data: unknown) => unknown>>;

/** The event, upcast to its present version; or why it is none. `Event` is what the schemas describe. */
export function readEvent<Event extends { readonly type: string }>(
  raw: RawEvent,
  schemas: Schemas<Event['type']>,
  upcasters: Upcasters,
): Result<Event, string> {
  if (!Object.hasOwn(schemas, raw.type)) return refuse(`unknown event type ${JSON.stringify(raw.type)}`);
  const type = raw.type as Event['type'];
  const { version: present, fields } = schemas[type];
  let { version, data } = raw;
  while (version < present) {
    const step = upcasters[`${type}@${version.toString()}`];
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
  return ok({ type, version, data } as unknown as Event);
}

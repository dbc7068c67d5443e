import type { Completion, Flag, Repeated, Single } from './command.ts';
import { nearest } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** Constructors of options, and the notations in which their values are written. */

export const flag = (summary: string, short?: string): Flag => ({
  kind: 'flag',
  summary,
  ...(short === undefined ? {} : { short }),
});

interface Extra {
  readonly complete?: Completion;
  readonly fallback?: string;
  readonly short?: string;
}

export const single = <T>(
  placeholder: string,
  summary: string,
  parse: (text: string) => T,
  extra: Extra = {},
): Single<T> => ({ kind: 'single', placeholder, summary, parse, ...extra });

export const repeated = <T>(
  placeholder: string,
  summary: string,
  parse: (text: string) => T,
  extra: Extra = {},
): Repeated<T> => ({ kind: 'repeated', placeholder, summary, parse, ...extra });

export const text = (placeholder: string, summary: string, extra?: Extra) =>
  single(placeholder, summary, (word) => word, extra);

export const count = (placeholder: string, summary: string, extra?: Extra) =>
  single(placeholder, summary, parseCount, extra);

export const choice = <const C extends string>(
  placeholder: string,
  choices: readonly C[],
  summary: string,
  extra?: Extra,
) =>
  single(
    placeholder,
    summary,
    (word): C => {
      const found = choices.find((candidate) => candidate === word);
      if (found !== undefined) return found;
      const near = nearest(word, choices);
      throw new UsageError(
        `${JSON.stringify(word)} is not one of ${choices.join(', ')}`,
        near === undefined ? `give one of ${choices.join(', ')}` : `did you mean ${near}?`,
      );
    },
    { complete: choices, ...extra },
  );

const scales: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** A count of instructions or events: `1000`, `1_000_000`, `250k`, `16M`, `2G`, `0x100`, `2^24`, `1e9`. */
export function parseCount(word: string): number {
  const value = countOf(word.replaceAll('_', ''));
  if (value === undefined || !Number.isSafeInteger(value))
    throw new UsageError(
      `${JSON.stringify(word)} is not a count`,
      'give a whole number, such as 1000000, 1_000_000, 16M, 2^24 or 0x100',
    );
  return value;
}

function countOf(word: string): number | undefined {
  const power = /^2\^(\d{1,2})$/.exec(word);
  if (power) return 2 ** Number(power[1]);
  if (/^0x[0-9a-f]+$/i.test(word)) return Number(word);
  if (/^\d+e\d{1,2}$/i.test(word)) return Number(word);
  const scaled = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(word);
  return scaled ? Number((Number(scaled[1]) * scales[scaled[2]!]!).toPrecision(15)) : undefined;
}

const sizeUnits: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** A size in bytes: `65536`, `64K`, `512MiB`, `4G` (powers of two). */
export function parseSize(word: string): number {
  const found = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(word);
  const value = found ? Number(found[1]) * sizeUnits[found[2]!.toLowerCase()]! : NaN;
  if (!Number.isSafeInteger(value))
    throw new UsageError(
      `${JSON.stringify(word)} is not a size`,
      'give bytes, or a number with K, M or G, such as 512M',
    );
  return value;
}

/** A guest address: hexadecimal with 0x, or decimal. */
export function parseAddress(word: string): bigint {
  if (!/^(0x[0-9a-f_]+|[0-9_]+)$/i.test(word))
    throw new UsageError(`${JSON.stringify(word)} is not an address`, 'give a number, such as 0x10430');
  const value = BigInt(word.replaceAll('_', ''));
  if (value >= 1n << 64n) throw new UsageError(`${word} is not an address`, 'give less than 2^64');
  return value;
}

export interface AddressRange {
  readonly address: bigint;
  readonly length: number;
}

/** `ADDR`, `ADDR:LEN`: a range of guest memory; 64 bytes when no length is given. */
export function parseRange(word: string): AddressRange {
  const colon = word.indexOf(':');
  if (colon < 0) return { address: parseAddress(word), length: 64 };
  const written = word.slice(colon + 1);
  const length = /^0x[0-9a-f]{1,12}$/i.test(written) ? Number(written) : parseSize(written);
  return { address: parseAddress(word.slice(0, colon)), length };
}

/** `I/N`: the I-th of N parts. */
export function parsePart(word: string): { readonly index: number; readonly of: number } {
  const found = /^(\d{1,6})\/(\d{1,6})$/.exec(word);
  const [index, of] = [Number(found?.[1]) - 1, Number(found?.[2])];
  if (!found || index < 0 || index >= of)
    throw new UsageError(`${JSON.stringify(word)} is no part`, 'give I/N with I from 1 to N, such as 2/4');
  return { index, of };
}

/** `HOST:GUEST[:ro|:rw]`. The guest path is absolute; the host path may contain colons only before the last guest path. */
export function parseMount(word: string): {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
} {
  const found = /^(.+?):(\/[^:]*)(?::(ro|rw))?$/.exec(word);
  if (!found)
    throw new UsageError(
      `${JSON.stringify(word)} is not a mount`,
      'give HOST:GUEST or HOST:GUEST:ro with an absolute guest path, such as ./data:/data:ro',
    );
  return { host: found[1]!, guest: found[2]!, readOnly: found[3] === 'ro' };
}

/** An absolute path in the guest's tree. */
export function parseGuestPath(word: string): string {
  if (word.startsWith('/')) return word;
  throw new UsageError(`${JSON.stringify(word)} is not absolute`, 'give a guest path that begins with /');
}

/** `NAME=VALUE`, or `NAME` for the host's value of that variable. */
export function parseVariable(word: string): { readonly name: string; readonly value: string | undefined } {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  if (name === '')
    throw new UsageError(
      `${JSON.stringify(word)} names no variable`,
      'give NAME=VALUE, or NAME alone for the host’s value',
    );
  return { name, value: equals < 0 ? undefined : word.slice(equals + 1) };
}

/** `host` (the time now), or an ISO date and time; gives nanoseconds since 1970, decimal. */
export function parseClock(word: string): string {
  const milliseconds = word === 'host' ? Date.now() : Date.parse(word);
  if (Number.isNaN(milliseconds) || milliseconds < 0)
    throw new UsageError(
      `${JSON.stringify(word)} is not a time from 1970 on`,
      'give an ISO date and time, such as 2026-01-01T00:00:00Z, or host',
    );
  return (BigInt(milliseconds) * 1_000_000n).toString();
}

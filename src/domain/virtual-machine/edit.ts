import { type Check, count, either, finite, literal, shape, text } from '../shared/event-schema.ts';

/**
 * One change with which a branch departs from its parent. Registers and memory change at the fork itself; inputs are what
 * the guest is told later, and stand as changed in the branch's own replies. Bytes are pairs of hexadecimal digits.
 */
export type Edit =
  | { readonly kind: 'register'; readonly thread: number; readonly register: string; readonly value: string }
  /** In the address space of the thread. */
  | { readonly kind: 'memory'; readonly thread: number; readonly address: string; readonly bytes: string }
  /** Standard input, counted from its beginning. */
  | { readonly kind: 'stdin'; readonly offset: number; readonly bytes: string }
  /** A file below a mount, by the guest's path. */
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly bytes: string }
  /** The bytes that the parent's event `revision` replies. */
  | { readonly kind: 'reply'; readonly revision: number; readonly offset: number; readonly bytes: string }
  /** The number that it replies. */
  | { readonly kind: 'result'; readonly revision: number; readonly value: number }
  /** The error that takes its place. */
  | { readonly kind: 'failure'; readonly revision: number; readonly error: string };

const hex: Check = (value) => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/.test(value);
const bytes: Check = (value) => typeof value === 'string' && /^(?:[0-9a-f]{2})+$/.test(value);

export const isEdit: Check = either(
  shape({ kind: literal('register'), thread: count, register: text, value: hex }),
  shape({ kind: literal('memory'), thread: count, address: hex, bytes }),
  shape({ kind: literal('stdin'), offset: count, bytes }),
  shape({ kind: literal('file'), path: text, offset: count, bytes }),
  shape({ kind: literal('reply'), revision: count, offset: count, bytes }),
  shape({ kind: literal('result'), revision: count, value: finite }),
  shape({ kind: literal('failure'), revision: count, error: text }),
);

export const bytesOfHex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export const hexOfBytes = (content: Uint8Array): string =>
  Array.from(content, (byte) => byte.toString(16).padStart(2, '0')).join('');

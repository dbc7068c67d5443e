import type { MemoryEffect } from '../ports/effect-trace.ts';
import type { Effect } from './effect.ts';

/** The most bytes of which values are given as numbers. */
const word = 8;

/** An access with its values: as numbers where they fit, else as bytes. */
export function memoryEffect({
  address,
  before,
  after,
}: Omit<MemoryEffect, 'access'>): Pick<Effect, 'address' | 'size' | 'before' | 'after' | 'data'> {
  const place = { address: BigInt(address), size: after.length };
  if (after.length > word) return { ...place, before: undefined, after: undefined, data: after };
  return { ...place, before: littleEndian(before), after: littleEndian(after), data: undefined };
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}

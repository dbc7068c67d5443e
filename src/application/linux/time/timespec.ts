import type { GuestMemory } from '../../ports/guest-memory.ts';
import { readBytes, words64, writeBytes } from '../guest-pointer.ts';

export const second = 1_000_000_000n;

/** Two signed 64-bit words: seconds, and a fraction below one second in units of `1/scale`. Gives nanoseconds, or undefined when out of range. */
function readTime(memory: GuestMemory, address: bigint, scale: bigint): bigint | undefined {
  const bytes = readBytes(memory, address, 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const seconds = view.getBigInt64(0, true);
  const fraction = view.getBigInt64(8, true);
  return seconds < 0n || fraction < 0n || fraction >= scale
    ? undefined
    : seconds * second + fraction * (second / scale);
}

/** struct timespec in nanoseconds; undefined when Linux would say EINVAL. Throws BadPointer. */
export const readTimespec = (memory: GuestMemory, address: bigint): bigint | undefined =>
  readTime(memory, address, second);

export const readTimeval = (memory: GuestMemory, address: bigint): bigint | undefined =>
  readTime(memory, address, 1_000_000n);

export const timespec = (nanoseconds: bigint): Uint8Array =>
  words64(nanoseconds / second, nanoseconds % second);

export const timeval = (nanoseconds: bigint): Uint8Array =>
  words64(nanoseconds / second, (nanoseconds % second) / 1000n);

export const writeTimespec = (memory: GuestMemory, address: bigint, nanoseconds: bigint): void =>
  writeBytes(memory, address, timespec(nanoseconds));

import { type GuestMemory, permission } from '../ports/guest-memory.ts';

/** A system call was given a pointer that does not lead to usable memory: EFAULT. */
export class BadPointer extends Error {
  override readonly name = 'BadPointer';
  readonly code = 'bad-pointer';
  readonly context: { readonly address: string };

  constructor(address: bigint) {
    super(`the guest passed a pointer to unusable memory: 0x${address.toString(16)}`);
    this.context = { address: `0x${address.toString(16)}` };
  }
}

/** Reads `length` bytes. Throws BadPointer. Lengths beyond the guest's memory cannot be readable. */
export function readBytes(memory: GuestMemory, address: bigint, length: number): Uint8Array {
  if (address + BigInt(length) > BigInt(memory.size)) throw new BadPointer(address);
  const bytes = memory.read(Number(address), length);
  if (bytes instanceof Uint8Array) return bytes;
  throw new BadPointer(address);
}

export function writeBytes(memory: GuestMemory, address: bigint, bytes: Uint8Array): void {
  if (address + BigInt(bytes.length) > BigInt(memory.size) || memory.write(Number(address), bytes))
    throw new BadPointer(address);
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const read32 = (memory: GuestMemory, address: bigint): number =>
  viewOf(readBytes(memory, address, 4)).getUint32(0, true);

export const read64 = (memory: GuestMemory, address: bigint): bigint =>
  viewOf(readBytes(memory, address, 8)).getBigUint64(0, true);

export const write32 = (memory: GuestMemory, address: bigint, value: number): void =>
  writeBytes(memory, address, words32(value));

export const write64 = (memory: GuestMemory, address: bigint, value: bigint): void =>
  writeBytes(memory, address, words64(value));

/** Little-endian 32-bit words. */
export function words32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  for (const [index, value] of values.entries()) viewOf(bytes).setUint32(index * 4, value >>> 0, true);
  return bytes;
}

/** Little-endian 64-bit words. */
export function words64(...values: readonly (bigint | number)[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  for (const [index, value] of values.entries())
    viewOf(bytes).setBigUint64(index * 8, BigInt.asUintN(64, BigInt(value)), true);
  return bytes;
}

/** The bytes before the NUL. Throws BadPointer when memory ends first; undefined when longer than `limit`. */
export function readCString(memory: GuestMemory, address: bigint, limit: number): Uint8Array | undefined {
  const found: number[] = [];
  for (let at = address; ;) {
    const length = Math.min(4096 - Number(at % 4096n), limit + 1 - found.length);
    const chunk = readBytes(memory, at, length);
    const end = chunk.indexOf(0);
    for (const byte of end < 0 ? chunk : chunk.subarray(0, end)) found.push(byte);
    if (end >= 0) return Uint8Array.from(found);
    if (found.length > limit) return undefined;
    at += BigInt(length);
  }
}

/** Whether a 32-bit word can be read and written at `address`. */
export const usable32 = (memory: GuestMemory, address: bigint): boolean =>
  address + 4n <= BigInt(memory.size) &&
  memory.read(Number(address), 4, permission.read | permission.write) instanceof Uint8Array;

/** Copies between guest memory and the kernel. Law: a bad pointer, of any size, is EFAULT and never a crash. */
import type { GuestMemory } from '../../ports/guest-memory.ts';
import { pageSize, permission } from '../../ports/guest-memory.ts';
import { errno } from '../errno.ts';
import { pathLimit, transferLimit } from './modes.ts';
import { decodeName } from './names.ts';

/** A run of guest memory; bounds are not checked yet. */
export interface Segment {
  readonly address: number;
  readonly length: number;
}

/** An argument as a signed 32-bit int. */
export const int = (value: bigint | undefined): number => Number(BigInt.asIntN(32, value ?? 0n));
/** An argument as an unsigned 32-bit int. */
export const uint = (value: bigint | undefined): number => Number(BigInt.asUintN(32, value ?? 0n));
/** An argument as a signed 64-bit number, exact below 2^53. */
export const long = (value: bigint | undefined): number => Number(BigInt.asIntN(64, value ?? 0n));
/** An argument as an address or size; beyond 2^53 it is merely large. */
export const size = (value: bigint | undefined): number => Number(BigInt.asUintN(64, value ?? 0n));

const within = (memory: GuestMemory, address: number, length: number): boolean =>
  address >= 0 && address + length <= memory.size;

/** Bytes at an address. */
export function copyIn(memory: GuestMemory, address: number, length: number): Uint8Array | number {
  if (length === 0) return new Uint8Array();
  if (!within(memory, address, length)) return errno.EFAULT;
  const bytes = memory.read(address, length);
  return bytes instanceof Uint8Array ? bytes : errno.EFAULT;
}

/** Writes bytes at an address; 0 or EFAULT. */
export function copyOut(memory: GuestMemory, address: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  if (!within(memory, address, bytes.length)) return errno.EFAULT;
  return memory.write(address, bytes) === undefined ? 0 : errno.EFAULT;
}

/** Whether the guest may write all of a run of memory. */
export function canWrite(memory: GuestMemory, { address, length }: Segment): boolean {
  if (length === 0) return true;
  if (!within(memory, address, length)) return false;
  for (let page = Math.floor(address / pageSize) * pageSize; page < address + length; page += pageSize)
    if (((memory.permissionsAt(page) ?? 0) & permission.write) === 0) return false;
  return true;
}

/** A structure in guest memory, for reading fields. */
export function viewIn(memory: GuestMemory, address: number, length: number): DataView | number {
  const bytes = copyIn(memory, address, length);
  return typeof bytes === 'number' ? bytes : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A file name: bytes up to a NUL, at most 4095. */
export function pathIn(memory: GuestMemory, argument: bigint | undefined): string | number {
  const start = size(argument);
  const parts: number[] = [];
  for (let at = start; at < start + pathLimit;) {
    const length = Math.min(pageSize - (at % pageSize), start + pathLimit - at);
    const bytes = copyIn(memory, at, length);
    if (typeof bytes === 'number') return bytes;
    const end = bytes.indexOf(0);
    parts.push(...(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) return decodeName(Uint8Array.from(parts));
    at += length;
  }
  return errno.ENAMETOOLONG;
}

/** An iovec array, with lengths cut so that together they do not pass the limit of one transfer. */
export function segmentsIn(
  memory: GuestMemory,
  address: bigint | undefined,
  countArgument: bigint | undefined,
): readonly Segment[] | number {
  const count = size(countArgument);
  if (count > 1024) return errno.EINVAL;
  const view = viewIn(memory, size(address), count * 16);
  if (typeof view === 'number') return view;
  const segments: Segment[] = [];
  let room = transferLimit;
  for (let index = 0; index < count; index++) {
    const length = view.getBigInt64(index * 16 + 8, true);
    if (length < 0n) return errno.EINVAL;
    const taken = Math.min(Number(length), room);
    room -= taken;
    segments.push({ address: Number(view.getBigUint64(index * 16, true)), length: taken });
  }
  return segments;
}

export const totalLength = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { length }) => sum + length, 0);

/** The part of `segments` that begins `skip` bytes in and is at most `limit` bytes long. */
export function slice(segments: readonly Segment[], skip: number, limit: number): readonly Segment[] {
  const result: Segment[] = [];
  for (const { address, length } of segments) {
    const cut = Math.min(skip, length);
    skip -= cut;
    const taken = Math.min(length - cut, limit);
    limit -= taken;
    if (taken > 0) result.push({ address: address + cut, length: taken });
  }
  return result;
}

/** How many of the bytes of `segments`, from the first on, come before one that the guest may not access so. */
export function reachable(memory: GuestMemory, segments: readonly Segment[], need: number): number {
  let bytes = 0;
  for (const { address, length } of segments) {
    for (let done = 0; done < length;) {
      const at = address + done;
      if (!(at >= 0 && at < memory.size) || ((memory.permissionsAt(at) ?? 0) & need) === 0)
        return bytes + done;
      done = Math.min(length, done + pageSize - (at % pageSize));
    }
    bytes += length;
  }
  return bytes;
}

/** The bytes of all segments, one after the other. */
export function gather(memory: GuestMemory, segments: readonly Segment[]): Uint8Array | number {
  const bytes = new Uint8Array(totalLength(segments));
  let at = 0;
  for (const { address, length } of segments) {
    const part = copyIn(memory, address, length);
    if (typeof part === 'number') return part;
    bytes.set(part, at);
    at += length;
  }
  return bytes;
}

/** Spreads bytes over segments; 0 or EFAULT. */
export function scatter(memory: GuestMemory, segments: readonly Segment[], bytes: Uint8Array): number {
  let at = 0;
  for (const { address, length } of segments) {
    const part = bytes.subarray(at, at + length);
    const result = copyOut(memory, address, part);
    if (result !== 0) return result;
    at += part.length;
  }
  return 0;
}

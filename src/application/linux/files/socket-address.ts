/** AF_UNIX addresses in guest memory. unix(7). */
import { errno } from '../errno.ts';
import type { SystemCallContext } from '../system-call.ts';
import { decodeName, encodeName } from './names.ts';
import { copyIn, copyOut, size, viewIn } from './user-memory.ts';

export const unixFamily = 1;

/** A name: a path, `\0…` for an abstract one, '' for an unnamed one; or an errno. */
export function addressIn(
  call: SystemCallContext,
  address: bigint | undefined,
  lengthArgument: bigint | undefined,
): string | number {
  const length = size(lengthArgument);
  if (length < 2 || length > 110) return errno.EINVAL;
  const bytes = copyIn(call.memory, size(address), length);
  if (typeof bytes === 'number') return bytes;
  if (bytes[0] !== unixFamily || bytes[1] !== 0) return bytes[0] === 0 ? errno.EINVAL : errno.EAFNOSUPPORT;
  const name = bytes.subarray(2);
  if (name.length === 0) return '';
  if (name[0] === 0) return `\0${decodeName(name.subarray(1))}`;
  const end = name.indexOf(0);
  return decodeName(end < 0 ? name : name.subarray(0, end));
}

export function addressBytes(name: string): Uint8Array {
  const text = name === '' || name.startsWith('\0') ? encodeName(name) : encodeName(`${name}\0`);
  const bytes = new Uint8Array(2 + text.length);
  bytes[0] = unixFamily;
  bytes.set(text, 2);
  return bytes;
}

/** As a receiver is told of a sender: of one without a name, nothing. */
export const senderBytes = (name: string): Uint8Array =>
  name === '' ? new Uint8Array() : addressBytes(name);

/** Writes an address where there is room, and its full length at `lengthAt`; a null `address` wants none. */
export function addressOut(
  call: SystemCallContext,
  address: bigint | undefined,
  lengthAt: bigint | undefined,
  bytes: Uint8Array,
): number {
  if (address === undefined || address === 0n) return 0;
  const room = viewIn(call.memory, size(lengthAt), 4);
  if (typeof room === 'number') return room;
  if (room.getInt32(0, true) < 0) return errno.EINVAL;
  const put = copyOut(call.memory, size(address), bytes.subarray(0, room.getInt32(0, true)));
  return put < 0
    ? put
    : copyOut(call.memory, size(lengthAt), new Uint8Array(Int32Array.of(bytes.length).buffer));
}

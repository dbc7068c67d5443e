/** ppoll, pselect6. poll(2), select(2). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { pollEvent } from './modes.ts';
import { fileOf } from './open-files.ts';
import { readinessOf } from './operations.ts';
import { copyIn, copyOut, int, size, viewIn } from './user-memory.ts';

const second = 1_000_000_000n;

/** A timespec's nanoseconds; undefined for a null pointer. */
export function timeoutIn(call: SystemCallContext, address: bigint | undefined): bigint | undefined | number {
  if (address === undefined || address === 0n) return undefined;
  const view = viewIn(call.memory, size(address), 16);
  if (typeof view === 'number') return view;
  const [seconds, nanoseconds] = [view.getBigInt64(0, true), view.getBigInt64(8, true)];
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= second) return errno.EINVAL;
  return seconds * second + nanoseconds;
}

/** Blocks the signals of a mask in guest memory until the call ends; 0 or an errno. */
export function blockMask(
  call: SystemCallContext,
  address: bigint | undefined,
  length: bigint | undefined,
): number {
  if (address === undefined || address === 0n) return 0;
  if (length !== 8n) return errno.EINVAL;
  const view = viewIn(call.memory, size(address), 8);
  if (typeof view === 'number') return view;
  call.blockSignals(view.getBigUint64(0, true));
  return 0;
}

/** Waits until `deadline` or the timeout, whichever is first, unless the timeout has passed. */
export function waitOrEnd(
  call: SystemCallContext,
  what: string,
  timeout: bigint | undefined,
  deadline: bigint | undefined,
): SystemCallOutcome {
  const end = timeout === undefined ? undefined : call.attempt.since + timeout;
  if (end !== undefined && call.monotonic >= end) return 0;
  const first = end === undefined || (deadline !== undefined && deadline < end) ? deadline : end;
  return { wait: what, deadline: first };
}

const earlier = (left: bigint | undefined, right: bigint | undefined): bigint | undefined =>
  left === undefined || (right !== undefined && right < left) ? right : left;

/** Gives what is left of a timeout back through its timespec, as Linux does; a bad pointer is not an error there. */
function putRemaining(
  call: SystemCallContext,
  address: bigint | undefined,
  timeout: bigint | undefined,
): void {
  if (address === undefined || address === 0n || timeout === undefined) return;
  const end = call.attempt.since + timeout;
  const left = end > call.monotonic ? end - call.monotonic : 0n;
  copyOut(call.memory, size(address), new Uint8Array(BigInt64Array.of(left / second, left % second).buffer));
}

function ppoll(call: SystemCallContext): SystemCallOutcome {
  const count = size(call.args[1]);
  if (count > call.files.table.limit) return errno.EINVAL;
  const timeout = timeoutIn(call, call.args[2]);
  if (typeof timeout === 'number') return timeout;
  const masked = blockMask(call, call.args[3], call.args[4]);
  if (masked < 0) return masked;
  const address = size(call.args[0]);
  const view = viewIn(call.memory, address, count * 8);
  if (typeof view === 'number') return view;
  let ready = 0;
  let deadline: bigint | undefined;
  for (let at = 0; at < count * 8; at += 8) {
    const fd = view.getInt32(at, true);
    const wanted = view.getUint16(at + 4, true) | pollEvent.error | pollEvent.hangUp;
    let events = 0;
    if (fd >= 0) {
      const file = fileOf(call.fileSystem, call.files.table, fd);
      const state = typeof file === 'number' ? undefined : readinessOf(call, file);
      events = state === undefined ? pollEvent.invalid : state.events & wanted;
      deadline = earlier(deadline, state?.deadline);
    }
    view.setUint16(at + 6, events, true);
    if (events !== 0) ready++;
  }
  const result = ready > 0 ? ready : waitOrEnd(call, 'poll', timeout, deadline);
  if (typeof result === 'object') return result;
  const put = copyOut(call.memory, address, new Uint8Array(view.buffer, view.byteOffset, count * 8));
  putRemaining(call, call.args[2], timeout);
  return put < 0 ? put : result;
}

const selectable = [
  pollEvent.in | pollEvent.readNormal | pollEvent.readBand | pollEvent.hangUp | pollEvent.error,
  pollEvent.out | pollEvent.writeNormal | pollEvent.writeBand | pollEvent.error,
  pollEvent.priority,
];

function pselect(call: SystemCallContext): SystemCallOutcome {
  const wanted = int(call.args[0]);
  if (wanted < 0) return errno.EINVAL;
  const count = Math.min(wanted, call.files.table.limit);
  const length = Math.ceil(count / 64) * 8;
  const addresses = [1, 2, 3].map((index) => size(call.args[index]));
  const sets: (Uint8Array | undefined)[] = [];
  for (const address of addresses) {
    const set = address === 0 ? undefined : copyIn(call.memory, address, length);
    if (typeof set === 'number') return set;
    sets.push(set);
  }
  const timeout = timeoutIn(call, call.args[4]);
  if (typeof timeout === 'number') return timeout;
  const masked = selectMask(call);
  if (masked < 0) return masked;
  const results = sets.map((set) => set && new Uint8Array(set.length));
  let ready = 0;
  let deadline: bigint | undefined;
  for (let fd = 0; fd < count; fd++) {
    const bit = 1 << (fd % 8);
    const asked = sets.map((set) => ((set?.[fd >> 3] ?? 0) & bit) !== 0);
    if (!asked.includes(true)) continue;
    const file = fileOf(call.fileSystem, call.files.table, fd);
    if (typeof file === 'number') return file;
    const state = readinessOf(call, file);
    deadline = earlier(deadline, state.deadline);
    for (const [index, result] of results.entries()) {
      if (result === undefined || asked[index] !== true || (state.events & selectable[index]!) === 0)
        continue;
      result[fd >> 3]! |= bit;
      ready++;
    }
  }
  const outcome = ready > 0 ? ready : waitOrEnd(call, 'select', timeout, deadline);
  if (typeof outcome === 'object') return outcome;
  for (const [index, result] of results.entries()) {
    if (result !== undefined && copyOut(call.memory, addresses[index]!, result) < 0) return errno.EFAULT;
  }
  putRemaining(call, call.args[4], timeout);
  return outcome;
}

/** pselect6's last argument points to a mask's address and size. */
function selectMask(call: SystemCallContext): number {
  const address = size(call.args[5]);
  if (address === 0) return 0;
  const view = viewIn(call.memory, address, 16);
  if (typeof view === 'number') return view;
  const mask = view.getBigUint64(0, true);
  return blockMask(call, mask, view.getBigUint64(8, true));
}

export const pollCalls: Readonly<Record<string, SystemCallHandler>> = { ppoll, pselect6: pselect };

import { covers, within } from '../../../domain/address-space/region.ts';
import type { Placement } from '../../../domain/address-space/address-space.ts';
import { errno } from '../errno.ts';
import { pageSize } from '../../ports/guest-memory.ts';
import { writeBytes } from '../guest-pointer.ts';
import type { KernelCall, KernelCallHandler } from '../kernel.ts';
import type { Space } from '../kernel-state.ts';
import { fileToMap } from '../process/process-files.ts';
import { command, fill, regionsOf } from './mapping.ts';

const mapFlag = {
  shared: 1,
  private: 2,
  sharedValidate: 3,
  type: 15,
  fixed: 0x10,
  anonymous: 0x20,
  growsDown: 0x100,
  fixedNoReplace: 0x10_0000,
} as const;

const roundUp = (value: number): number => Math.ceil(value / pageSize) * pageSize;
const spaceOf = ({ kernel, process }: KernelCall): Space => kernel.state.spaces.get(process.space)!;

/** Addresses beyond 2^53 cannot be told apart as numbers, and lie beyond every guest memory. */
const beyond = Number.MAX_SAFE_INTEGER - (Number.MAX_SAFE_INTEGER % pageSize);
const number = (value: bigint): number => (value > BigInt(beyond) ? beyond : Number(value));
const page = (value: bigint): number | undefined => (value % 4096n === 0n ? number(value) : undefined);

/** Pages that are writable are readable too (RISC-V privileged 4.3.1). */
const pagePermissions = (protection: bigint): number =>
  Number(protection & 7n) | ((protection & 2n) !== 0n ? 1 : 0);

function placementOf(flags: number, address: number): Placement {
  if (flags & mapFlag.fixedNoReplace) return { kind: 'free', address };
  if (flags & mapFlag.fixed) return { kind: 'fixed', address };
  return address === 0 ? { kind: 'anywhere' } : { kind: 'hint', address };
}

const mmap: KernelCallHandler = (call) => {
  const { kernel, args, memory } = call;
  const flags = Number(BigInt.asUintN(32, args[3]!));
  const type = flags & mapFlag.type;
  const length = number(args[1]!);
  const fixed = (flags & (mapFlag.fixed | mapFlag.fixedNoReplace)) !== 0;
  if (type !== mapFlag.shared && type !== mapFlag.private && type !== mapFlag.sharedValidate)
    return errno.EINVAL;
  if (length === 0 || args[5]! % 4096n !== 0n) return errno.EINVAL;
  if (fixed && args[0]! % 4096n !== 0n) return errno.EINVAL;
  const shared = type !== mapFlag.private;
  const permissions = pagePermissions(args[2]!);
  let name = '';
  let content: Uint8Array | undefined;
  if (!(flags & mapFlag.anonymous)) {
    const fd = Number(BigInt.asIntN(32, args[4]!));
    const file = fileToMap(
      call,
      fd,
      number(args[5]!),
      Math.min(length, memory.size),
      shared && (permissions & 2) !== 0,
    );
    if (typeof file === 'number') return file;
    ({ name, content } = file);
  }
  const space = spaceOf(call);
  const events = command(space, memory, {
    type: 'MapRegion',
    at: placementOf(flags, number(args[0]!)),
    length,
    permissions,
    name,
    offset: content ? number(args[5]!) : 0,
    ...(shared && !content ? { shared: kernel.state.nextShared++ } : {}),
  });
  if (typeof events === 'number') return events;
  const [event] = events;
  if (event?.type !== 'RegionMapped') return errno.ENOMEM;
  if (content) fill(memory, event.data.start, content);
  return event.data.start;
};

const munmap: KernelCallHandler = (call) => {
  const address = page(call.args[0]!);
  if (address === undefined) return errno.EINVAL;
  return outcome(
    command(spaceOf(call), call.memory, { type: 'UnmapRegion', address, length: number(call.args[1]!) }),
  );
};

const outcome = (events: readonly unknown[] | number): number => (typeof events === 'number' ? events : 0);

const mprotect: KernelCallHandler = (call) => {
  const address = page(call.args[0]!);
  const growth = call.args[2]! & 0x0300_0000n;
  if (address === undefined || growth === 0x0300_0000n) return errno.EINVAL;
  const length = number(call.args[1]!);
  if (address + length > call.memory.size) return errno.ENOMEM;
  const permissions = pagePermissions(call.args[2]!);
  return outcome(
    command(spaceOf(call), call.memory, { type: 'ProtectRegion', address, length, permissions }),
  );
};

const brk: KernelCallHandler = (call) => {
  const space = spaceOf(call);
  const to = call.args[0]!;
  if (to < BigInt(call.memory.size)) command(space, call.memory, { type: 'MoveBreak', to: Number(to) });
  return space.layout.status === 'present' ? space.layout.break : 0;
};

const remapFlag = { mayMove: 1, fixed: 2, dontUnmap: 4 } as const;

const mremap: KernelCallHandler = (call) => {
  const { args, memory } = call;
  const flags = Number(BigInt.asUintN(32, args[3]!));
  const address = page(args[0]!);
  const oldLength = number(args[1]!);
  const newLength = number(args[2]!);
  if (flags & ~(remapFlag.mayMove | remapFlag.fixed) || address === undefined || newLength === 0)
    return errno.EINVAL;
  if (flags & remapFlag.fixed && (!(flags & remapFlag.mayMove) || args[4]! % 4096n !== 0n))
    return errno.EINVAL;
  if (oldLength === 0) return errno.EINVAL;
  const move: Placement | undefined =
    flags & remapFlag.fixed
      ? { kind: 'fixed', address: number(args[4]!) }
      : flags & remapFlag.mayMove
        ? { kind: 'anywhere' }
        : undefined;
  const space = spaceOf(call);
  const events = command(space, memory, { type: 'ResizeRegion', address, oldLength, newLength, move });
  if (typeof events === 'number') return events;
  const moved = events.find((event) => event.type === 'RegionMoved');
  return moved?.type === 'RegionMoved' ? moved.data.to : address;
};

const advice = {
  dontNeed: 4,
  free: 8,
  remove: 9,
  populateRead: 22,
  populateWrite: 23,
  dontNeedLocked: 24,
} as const;
/** Hints that change nothing a program can see: NORMAL to WILLNEED, DONTFORK…, MERGEABLE…, HUGEPAGE…, COLD, PAGEOUT. */
const hints = new Set([0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25]);

const madvise: KernelCallHandler = (call) => {
  const address = page(call.args[0]!);
  const kind = Number(BigInt.asIntN(32, call.args[2]!));
  const length = roundUp(number(call.args[1]!));
  if (address === undefined) return errno.EINVAL;
  const space = spaceOf(call);
  switch (kind) {
    case advice.dontNeed:
    case advice.dontNeedLocked:
    case advice.free: {
      if (length === 0) return 0;
      // Linux drops what is mapped and then says ENOMEM for the holes. File mappings would show the file again.
      const parts = within(regionsOf(space), address, address + length);
      for (const part of parts) {
        if (part.shared !== undefined || part.name.startsWith('/')) continue;
        command(space, call.memory, {
          type: 'DiscardRegion',
          address: part.start,
          length: part.end - part.start,
        });
      }
      return covers(regionsOf(space), address, address + length) ? 0 : errno.ENOMEM;
    }
    case advice.populateRead:
    case advice.populateWrite:
      return covers(regionsOf(space), address, address + length) ? 0 : errno.ENOMEM;
    default:
      if (!hints.has(kind)) return errno.EINVAL;
      return covers(regionsOf(space), address, address + length) ? 0 : errno.ENOMEM;
  }
};

/** Calls that only ask whether a range is mapped: locking and syncing change nothing here. */
const needsMapping: KernelCallHandler = (call) => {
  const address = number(call.args[0]! & ~4095n);
  const end = roundUp(number(call.args[0]!) + number(call.args[1]!));
  return covers(regionsOf(spaceOf(call)), address, end) ? 0 : errno.ENOMEM;
};

const msync: KernelCallHandler = (call) => {
  const flags = call.args[2]!;
  if (call.args[0]! % 4096n !== 0n || flags & ~7n || (flags & 5n) === 5n) return errno.EINVAL;
  return needsMapping(call);
};

const mincore: KernelCallHandler = (call) => {
  const address = page(call.args[0]!);
  if (address === undefined) return errno.EINVAL;
  const length = roundUp(number(call.args[1]!));
  if (!covers(regionsOf(spaceOf(call)), address, address + length)) return errno.ENOMEM;
  writeBytes(call.memory, call.args[2]!, new Uint8Array(length / pageSize).fill(1));
  return 0;
};

const succeed: KernelCallHandler = () => 0;

export const memoryCalls: Readonly<Record<string, KernelCallHandler>> = {
  mmap,
  munmap,
  mprotect,
  brk,
  mremap,
  madvise,
  msync,
  mincore,
  mlock: needsMapping,
  mlock2: needsMapping,
  munlock: needsMapping,
  mlockall: succeed,
  munlockall: succeed,
};

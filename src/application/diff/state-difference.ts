import type { GuestMachine, MemoryRegionView } from '../ports/guest-machine.ts';
import { type GuestMemory, pageSize } from '../ports/guest-memory.ts';
import { readSlots } from '../recording/machine-difference.ts';
import type { MemoryDifference, RegisterDifference, StateDifference } from './diff-request.ts';

/** Runs of equal bytes up to this long do not end a differing range. */
const gap = 8;
/** Bytes of a range that are given. */
const shown = 32;

/** All that differs in registers and memory between two machines that stand at one instant. */
export function stateDifference(left: GuestMachine, right: GuestMachine): StateDifference {
  const others = new Map(right.threads().map((thread) => [thread.id, thread]));
  const onlyLeft: number[] = [];
  const registers: RegisterDifference[] = [];
  const processes = new Map<number, number>();
  for (const thread of left.threads()) {
    const other = others.get(thread.id);
    others.delete(thread.id);
    if (other === undefined) {
      onlyLeft.push(thread.id);
      continue;
    }
    processes.set(thread.process, thread.id);
    const values = readSlots(other.cpu, right.isa.layout);
    for (const [register, value] of readSlots(thread.cpu, left.isa.layout)) {
      const found = values.get(register)!;
      if (found !== value) registers.push({ thread: thread.id, register, left: value, right: found });
    }
  }
  const memory = [...processes].flatMap(([process, thread]) => rangesOf(left, right, process, thread));
  return {
    icount: left.icount,
    registers,
    memory: memory.map(({ range }) => range),
    bytes: memory.reduce((sum, { differing }) => sum + differing, 0),
    onlyLeft,
    onlyRight: [...others.keys()],
  };
}

interface FoundRange {
  readonly range: MemoryDifference;
  readonly differing: number;
}

function rangesOf(left: GuestMachine, right: GuestMachine, process: number, thread: number): FoundRange[] {
  const [mine, other] = [left.memoryOf(thread), right.memoryOf(thread)];
  const pages = new Set([...mine.touchedPages(), ...other.touchedPages()]);
  const regions = left.regions(thread);
  const found: FoundRange[] = [];
  let open: { from: number; to: number; differing: number } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const { from, to, differing } = open;
    const bytes = (memory: typeof mine): Uint8Array => readAnywhere(memory, from, Math.min(shown, to - from));
    const range = { process, address: from, length: to - from, region: regionAt(regions, from) };
    found.push({ range: { ...range, left: bytes(mine), right: bytes(other) }, differing });
    open = undefined;
  };
  for (const page of [...pages].sort((a, b) => a - b)) {
    const [a, b] = [mine.page(page), other.page(page)];
    for (let at = 0; at < pageSize; at++) {
      if (a[at] === b[at]) continue;
      const address = page * pageSize + at;
      if (open !== undefined && address - open.to > gap) close();
      open ??= { from: address, to: address, differing: 0 };
      open.to = address + 1;
      open.differing++;
    }
  }
  close();
  return found;
}

/** Bytes whatever their permissions; zeros where nothing is mapped. */
function readAnywhere(memory: GuestMemory, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const byte = address + at;
    bytes[at] = memory.page(Math.floor(byte / pageSize))[byte % pageSize]!;
  }
  return bytes;
}

const regionAt = (regions: readonly MemoryRegionView[], address: number): string =>
  regions.find(({ start, end }) => start <= address && address < end)?.name ?? '';

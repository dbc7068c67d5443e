import type { StateLayout } from '../../domain/ir/types.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import { noReservation } from '../../domain/isa/riscv64/state.ts';
import type { EngineMachine, ExecutionEngine, Stop } from '../ports/execution-engine.ts';
import { pageSize, permission } from '../ports/guest-memory.ts';
import { blockOf, type GuestCase, type MemoryPiece } from './guest-case.ts';

/**
 * The small world in which cases run: 0x2000–0x3fff may be read and written, 0x4000–0x4fff read, 0x10000–0x10fff (the
 * code, at 0x10000 or the case's pc) read and executed, 0x6000–0x6fff read, written and executed; nothing else is mapped. Time is three ticks an instruction,
 * so that it cannot be taken for the instruction count.
 */
export const codeAddress = 0x10000n;
export const writableCodeAddress = 0x6000;
export const memorySize = 0x20000;
export const regions = [
  { start: 0x2000, length: 0x2000, permissions: permission.read | permission.write },
  { start: 0x4000, length: 0x1000, permissions: permission.read },
  {
    start: writableCodeAddress,
    length: 0x1000,
    permissions: permission.read | permission.write | permission.execute,
  },
  { start: 0x10000, length: 0x1000, permissions: permission.read | permission.execute },
] as const;
/** Where data accesses become interesting: the ends of regions and the pages within. */
export const edges: readonly bigint[] = [
  0x2000n,
  0x3000n,
  0x4000n,
  0x5000n,
  0x10000n,
  0x11000n,
  0x20000n,
  0n,
];

/** What the world looks like after a case. */
export interface Outcome {
  readonly stop: Stop;
  /** Instructions retired by the case. */
  readonly retired: number;
  readonly cpu: Uint8Array;
  /** The readable regions' contents by start address. */
  readonly memory: ReadonlyMap<number, Uint8Array>;
}

/** The state block that a case begins with. */
export const initialBlock = (layout: StateLayout, { slots }: Pick<GuestCase, 'slots'>): Uint8Array =>
  blockOf(layout, [['pc', codeAddress], ['reservation', noReservation], ...slots]);

/** One engine's machine in the world. */
export class World {
  readonly isa: InstructionSet;
  readonly machine: EngineMachine;
  readonly #clean = new Map<number, Uint8Array>();

  constructor(engine: ExecutionEngine, isa: InstructionSet) {
    const counters = { timeAt: (icount: number) => BigInt(icount) * 3n };
    this.isa = isa;
    this.machine = engine.createMachine({ isa, memorySize, counters });
  }

  /** Makes memory hold the code and these pieces, and nothing else; `restore` comes back here. */
  place(pc: bigint, code: Uint8Array, pieces: readonly MemoryPiece[]): void {
    const { memory } = this.machine;
    for (const { start, length, permissions } of regions) memory.map(start, length, permissions);
    memory.write(Number(pc), code, permission.execute);
    for (const [address, bytes] of pieces) memory.write(address, bytes, permission.read);
    memory.takeDirtyPages();
    this.#clean.clear();
  }

  /** Runs from a state block; `dirty` are the pages that may have changed. */
  run(
    block: Uint8Array,
    icount: number,
    steps: number,
  ): { readonly stop: Stop; readonly dirty: readonly number[] } {
    const { machine } = this;
    machine.cpu.set(block);
    machine.icount = icount;
    const stop = machine.run(icount + steps);
    return { stop, dirty: machine.memory.takeDirtyPages() };
  }

  /** Takes writable pages' present contents for those that `restore` goes back to. */
  keep(): void {
    const { memory } = this.machine;
    for (const { start, length, permissions } of regions) {
      if ((permissions & permission.write) === 0) continue;
      for (let page = start / pageSize; page < (start + length) / pageSize; page++)
        this.#clean.set(page, memory.page(page).slice());
    }
  }

  restore(dirty: readonly number[]): void {
    if (dirty.length === 0) return;
    const { memory } = this.machine;
    for (const page of dirty) memory.setPages(page, this.#clean.get(page)!);
    memory.takeDirtyPages();
  }

  /** Runs a whole case from the beginning and gives everything that a guest could see. */
  outcome(each: GuestCase): Outcome {
    const block = initialBlock(this.isa.layout, each);
    const pc = each.slots.get('pc') ?? codeAddress;
    this.place(pc, each.code, each.memory);
    const { stop } = this.run(block, each.icount, each.steps);
    const { memory, cpu, icount } = this.machine;
    const contents = regions.map(
      ({ start, length }) => [start, memory.read(start, length, permission.read) as Uint8Array] as const,
    );
    return { stop, retired: icount - each.icount, cpu: cpu.slice(), memory: new Map(contents) };
  }
}

export function stopText(stop: Stop): string {
  if (stop.reason === 'trap') return `trap ${stop.cause}`;
  if (stop.reason !== 'fault') return stop.reason;
  const { access, kind, address } = stop.fault;
  return `fault ${access}:${kind}:0x${address.toString(16)}`;
}

export function sameStop(a: Stop, b: Stop): boolean {
  if (a.reason === 'trap') return b.reason === 'trap' && a.cause === b.cause;
  if (a.reason !== 'fault') return a.reason === b.reason;
  return (
    b.reason === 'fault' &&
    a.fault.access === b.fault.access &&
    a.fault.kind === b.fault.kind &&
    a.fault.address === b.fault.address
  );
}

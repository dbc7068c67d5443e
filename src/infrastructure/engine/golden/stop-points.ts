import {
  noStops,
  type AccessKind,
  type Stops,
  type WatchedAccess,
} from '../../../application/ports/stops.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import type { LiftedInstruction } from './instruction-source.ts';

/**
 * Which instructions a machine stops before, or after because of a register. Whoever translates leaves them out, so that
 * every one of them is stepped.
 */
export class StopPoints {
  #stops: Stops = noStops;
  readonly #accesses = new Map<string, AccessKind | 'any'>();
  #known = new WeakMap<IrBlock, readonly WatchedAccess[]>();

  get stops(): Stops {
    return this.#stops;
  }

  set stops(stops: Stops) {
    const { registers } = this.#stops;
    this.#stops = stops;
    if (stops.registers === registers) return;
    this.#known = new WeakMap();
    this.#accesses.clear();
    for (const { register, access } of stops.registers) {
      const known = this.#accesses.get(register) ?? access;
      this.#accesses.set(register, known === access ? access : 'any');
    }
  }

  /** Whether to stop before the instruction at `pc`, when `icount` instructions have retired. */
  breaksAt(pc: bigint, icount: number): boolean {
    const { pcs, from } = this.#stops;
    return pcs.size > 0 && icount >= from && pcs.has(Number(pc));
  }

  /** Whether there is no instruction that these concern. */
  get none(): boolean {
    return this.#stops.pcs.size === 0 && this.#accesses.size === 0;
  }

  /** Whether this instruction has to be executed by itself. */
  concern(address: number, lifted: LiftedInstruction): boolean {
    return this.#stops.pcs.has(address) || this.registerAccesses(lifted).length > 0;
  }

  /** Whether accesses of a kind to a register are watched. */
  watches(register: string, access: AccessKind): boolean {
    const wanted = this.#accesses.get(register);
    return wanted === 'any' || wanted === access;
  }

  /** What an instruction does with watched registers. */
  registerAccesses({ block }: LiftedInstruction): readonly WatchedAccess[] {
    if (this.#accesses.size === 0) return [];
    let accesses = this.#known.get(block);
    if (!accesses) this.#known.set(block, (accesses = this.#find(block)));
    return accesses;
  }

  #find({ nodes, layout }: IrBlock): readonly WatchedAccess[] {
    const found = new Map<string, WatchedAccess>();
    for (const node of nodes) {
      if (node.op !== 'read' && node.op !== 'write' && node.op !== 'raise') continue;
      const register = (node.op === 'raise' ? layout.fpExceptions : node.attr.slot).name;
      const access = node.op === 'read' ? 'read' : 'write';
      if (this.watches(register, access)) found.set(`${access} ${register}`, { access, register });
    }
    return [...found.values()];
  }
}

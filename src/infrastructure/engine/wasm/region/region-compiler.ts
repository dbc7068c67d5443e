import type { Slot } from '../../../../domain/ir/types.ts';
import { control } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { FunctionBody, type Label } from '../codegen/function-body.ts';
import { type FunctionType, ModuleBuilder } from '../codegen/module-builder.ts';
import { emitJumpLookup } from '../jump-lookup.ts';
import { controlMemory, representation } from '../lowering/emitter.ts';
import { slotAccess } from '../lowering/state.ts';
import { planOf } from '../lowering/value-plan.ts';
import { InstructionEmitter, type RegionContext, TempPool } from './instruction-emitter.ts';
import type { RegionBlock } from './region-discovery.ts';

/**
 * What a region's function returns. `step`: the instruction at pc is to be stepped; `miss`: nothing is known at pc; `hot`: the
 * block at pc was entered often enough in the interpreter; `slow`: the instruction at pc is off the fast path.
 */
export const exitCode = { limit: 0, step: 1, syscall: 2, miss: 3, hot: 4, slow: 5 } as const;
/** Within a region: leave and look pc up. */
const goingOn = 6;

export const regionType: FunctionType = { parameters: ['i32', 'i32'], results: ['i32'] };
/** The name under which the module exports the function, and of the import modules. */
export const regionExport = 'region';

export interface CompiledRegion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imports: readonly string[];
}

/**
 * Compiles the blocks of a region into one function `(remaining, block) → exit code`. Laws: guest registers used in
 * the region live in locals, loaded at the start and written back at the one exit; `remaining` is debited at the
 * head of each block, which is not entered unless it can be finished; an exit in mid-block credits what did not
 * retire. Blocks are nested in address order, so that a forward jump is a branch and a block that jumps to itself a
 * loop; other backward jumps go through the br_table at the top. Leaving for an address that the jump cache knows
 * is a tail call to its region.
 */
export class RegionCompiler {
  readonly #code = new FunctionBody(regionType.parameters);
  readonly #module = new ModuleBuilder();
  readonly #memory: FlatMemory;
  readonly #blocks: readonly RegionBlock[];
  readonly #indexOf = new Map<number, number>();
  readonly #slots = new Map<Slot, number>();
  readonly #written = new Set<Slot>();
  readonly #imports = new Set<string>();
  readonly #temps = new TempPool(this.#code);
  readonly #labels: (Label | undefined)[] = [];
  readonly #pcSlot: Slot<'i64'>;
  readonly #slowByCall: ReadonlySet<number>;
  readonly #remaining = 0;
  readonly #next = 1;
  readonly #pc = this.#code.local('i64');
  readonly #exit = this.#code.local('i32');
  #leave!: Label;
  #dispatch!: Label;

  /** `slowByCall`: addresses of instructions that are often off the fast path. */
  constructor(
    blocks: readonly RegionBlock[],
    memory: FlatMemory,
    pcSlot: Slot<'i64'>,
    slowByCall: ReadonlySet<number> = new Set(),
  ) {
    this.#slowByCall = slowByCall;
    this.#blocks = blocks;
    this.#memory = memory;
    this.#pcSlot = pcSlot;
    blocks.forEach((block, index) => this.#indexOf.set(block.address, index));
  }

  /** Throws UnsupportedIr. */
  compile(): CompiledRegion {
    const code = this.#code;
    this.#claimSlots();
    this.#loadSlots();
    this.#leave = code.block();
    this.#dispatch = code.loop();
    const labels = this.#blocks.map(() => code.block()).reverse();
    this.#labels.push(...labels);
    code.get(this.#next);
    code.branchTable(labels.slice(0, -1), labels.at(-1)!);
    this.#blocks.forEach((block, index) => {
      code.end();
      this.#labels[index] = undefined;
      this.#emitBlock(block, index);
    });
    code.end();
    code.op('unreachable');
    code.end();
    this.#writeBack();
    this.#chain();
    this.#module.importMemory('engine', 'guest', this.#memory.guest);
    this.#module.importMemory('engine', 'control', this.#memory.control);
    this.#module.importTable('engine', 'regions');
    this.#module.define(regionExport, regionType, code);
    return { bytes: this.#module.assemble(), imports: [...this.#imports] };
  }

  #claimSlots(): void {
    for (const { instructions } of this.#blocks)
      for (const { lifted } of instructions) {
        const plan = planOf(lifted.block);
        for (const slot of [...plan.slotsRead, ...plan.slotsWritten])
          if (!this.#slots.has(slot)) this.#slots.set(slot, this.#code.local(representation(slot.type)));
        for (const slot of plan.slotsWritten) this.#written.add(slot);
      }
  }

  #loadSlots(): void {
    for (const [slot, local] of this.#slots) {
      this.#code.i32(control.cpu);
      this.#code.memory(slotAccess(slot, 'load'), controlMemory, slot.offset);
      this.#code.set(local);
    }
  }

  #writeBack(): void {
    const code = this.#code;
    for (const slot of this.#written) {
      code.i32(control.cpu);
      code.get(this.#slots.get(slot)!);
      code.memory(slotAccess(slot, 'store'), controlMemory, slot.offset);
    }
    code.i32(control.cpu);
    code.get(this.#pc);
    code.memory('i64.store', controlMemory, this.#pcSlot.offset);
  }

  /** Tail-calls the region that the jump cache has for pc, or returns the exit code. */
  #chain(): void {
    const code = this.#code;
    code.get(this.#exit);
    code.i32(goingOn);
    code.op('i32.eq');
    code.if();
    emitJumpLookup(code, this.#memory, this.#module.type(regionType), {
      remaining: this.#remaining,
      pc: this.#pc,
      scratch: this.#next,
    });
    code.i32(exitCode.miss);
    code.set(this.#exit);
    code.end();
    code.i32(0);
    code.get(this.#remaining);
    code.memory('i32.store', controlMemory, control.remaining);
    code.get(this.#exit);
  }

  #emitBlock({ address, instructions }: RegionBlock, index: number): void {
    const code = this.#code;
    const self = code.loop();
    const count = instructions.length;
    code.get(this.#remaining);
    code.i32(count);
    code.op('i32.lt_s');
    code.if();
    this.#leaveAt(address, exitCode.limit);
    code.end();
    code.get(this.#remaining);
    code.i32(count);
    code.op('i32.sub');
    code.set(this.#remaining);
    instructions.forEach((instruction, done) => {
      const context = this.#contextOf(instruction.address, count - done, { index, self });
      new InstructionEmitter(context, this.#temps, instruction.lifted, instruction.address).emit();
    });
    code.end();
  }

  /** `left`: instructions of the block that have not retired, this one included. */
  #contextOf(address: number, left: number, { index, self }: { index: number; self: Label }): RegionContext {
    const code = this.#code;
    const inMiddle = left > 1;
    const leaveBefore = (reason: number) => {
      code.get(this.#remaining);
      code.i32(left);
      code.op('i32.add');
      code.set(this.#remaining);
      this.#leaveAt(address, reason);
    };
    return {
      code,
      memorySize: this.#memory.size,
      slot: (slot) => this.#slots.get(slot)!,
      imported: (name, type) => {
        this.#imports.add(name);
        return this.#module.importFunction('engine', name, type);
      },
      leaveToStep: () => leaveBefore(exitCode.step),
      callsSlowPath: this.#slowByCall.has(address),
      leaveForSlowPath: () => leaveBefore(exitCode.slow),
      leaveToSystem: (next) => this.#leaveAt(next, exitCode.syscall),
      retired: () => {
        code.i32(0);
        code.memory('i64.load', controlMemory, control.sliceEnd);
        code.get(this.#remaining);
        code.i32(left);
        code.op('i32.add', 'i64.extend_i32_s', 'i64.sub');
      },
      // Going on in the middle of a block is simply going on.
      goToAddress: (target) => {
        if (!inMiddle) this.#goTo(target, index, self);
      },
      goToComputed: () => {
        code.set(this.#pc);
        code.i32(goingOn);
        code.set(this.#exit);
        code.branch(this.#leave);
      },
      branchIfTo: (target) => {
        const label = this.#labelOf(target, index, self);
        if (label) return code.branchIf(label);
        code.if();
        this.#goTo(target, index, self);
        code.end();
      },
    };
  }

  #labelOf(target: number, from: number, self: Label): Label | undefined {
    const index = this.#indexOf.get(target);
    if (index === undefined) return undefined;
    return index === from ? self : this.#labels[index];
  }

  #goTo(target: number, from: number, self: Label): void {
    const code = this.#code;
    const index = this.#indexOf.get(target);
    if (index === undefined) return this.#leaveAt(target, goingOn);
    const label = this.#labelOf(target, from, self);
    if (label) return code.branch(label);
    code.i32(index);
    code.set(this.#next);
    code.branch(this.#dispatch);
  }

  #leaveAt(address: number, reason: number): void {
    const code = this.#code;
    code.i64(BigInt(address));
    code.set(this.#pc);
    code.i32(reason);
    code.set(this.#exit);
    code.branch(this.#leave);
  }
}

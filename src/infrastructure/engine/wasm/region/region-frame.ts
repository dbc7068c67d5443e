import type { Slot } from '../../../../domain/ir/types.ts';
import { control, targetSamples } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { FunctionBody, type Label } from '../codegen/function-body.ts';
import { type FunctionType, ModuleBuilder } from '../codegen/module-builder.ts';
import { emitJumpLookup, emitReturn } from '../jump-lookup.ts';
import { controlMemory, representation } from '../lowering/emitter.ts';
import { slotAccess } from '../lowering/state.ts';
import { exitCode, regionExport, translatedType } from '../translated-function.ts';
import type { SlotWrites } from './block-emitter.ts';
import { type Callee, emitGuestCall } from './guest-call.ts';
import type { SlotSet } from './slot-flow.ts';

export interface CompiledRegion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imports: readonly string[];
}

/**
 * A region's function around its blocks: its locals, and how it is entered, left and calls others. Laws: whoever leaves
 * writes back what is dirty, so that state, pc and the count are in memory whenever other code runs; after a call
 * nothing is taken for granted: where the callee came back to is compared, and any other reason to return is passed on.
 */
export class RegionFrame {
  readonly code = new FunctionBody(translatedType.parameters);
  readonly #module = new ModuleBuilder();
  readonly #memory: FlatMemory;
  readonly #pcSlot: Slot<'i64'>;
  readonly #slots: readonly Slot[];
  readonly #locals = new Map<Slot, number>();
  readonly #imports = new Set<string>();
  readonly #remaining = 0;
  readonly #scratch = 1;
  readonly #depth = 2;
  readonly #returnsTo = 3;
  readonly #pc = this.code.local('i64');
  readonly #goOn: Label;
  readonly #goBack: Label;

  constructor(memory: FlatMemory, pcSlot: Slot<'i64'>, slots: readonly Slot[]) {
    this.#memory = memory;
    this.#pcSlot = pcSlot;
    this.#slots = slots;
    for (const slot of slots) this.#locals.set(slot, this.code.local(representation(slot.type)));
    this.#goOn = this.code.block();
    this.#goBack = this.code.block();
  }

  finish(): CompiledRegion {
    const { code } = this;
    code.op('unreachable');
    code.end();
    emitReturn(code, this.#jump(), () => {
      this.#storePc();
      this.#return(exitCode.returned);
    });
    code.end();
    emitJumpLookup(code, this.#memory, this.#module.type(translatedType), this.#jump());
    this.#storePc();
    this.#return(exitCode.miss);
    this.#module.importMemory('engine', 'guest', this.#memory.guest);
    this.#module.importMemory('engine', 'control', this.#memory.control);
    if (this.#memory.marks) this.#module.importMemory('engine', 'marks', this.#memory.marks.memory);
    this.#module.importTable('engine', 'regions');
    this.#module.define(regionExport, translatedType, code);
    return { bytes: this.#module.assemble(), imports: [...this.#imports] };
  }

  local(slot: Slot): number {
    return this.#locals.get(slot)!;
  }

  imported(name: string, type: FunctionType): number {
    this.#imports.add(name);
    return this.#module.importFunction('engine', name, type);
  }

  /** Brings slots from the state block into their locals. */
  load(slots: SlotSet): void {
    for (const slot of this.#members(slots)) {
      this.code.i32(control.cpu);
      this.code.memory(slotAccess(slot, 'load'), controlMemory, slot.offset);
      this.code.set(this.local(slot));
    }
  }

  /** Stores slots into the state block: what has been written to them, or what their locals hold. */
  writeBack(slots: SlotSet, writes: SlotWrites): void {
    for (const slot of this.#members(slots))
      this.#store(slot, writes.get(slot) ?? (() => this.code.get(this.local(slot))));
  }

  /** Brings what has been written to any of `slots` into their locals, all at once. */
  commit(slots: SlotSet, writes: SlotWrites): void {
    const wanted = [...this.#members(slots)].filter((slot) => writes.has(slot));
    for (const slot of wanted) writes.get(slot)!();
    for (const slot of wanted.reverse()) this.code.set(this.local(slot));
  }

  /** Counts instructions as retired. */
  count(retired: number): void {
    if (retired === 0) return;
    this.#pushRemaining(retired);
    this.code.set(this.#remaining);
  }

  /** Leaves, with pc at `address`, when fewer than `needed` instructions remain. */
  check(needed: number, address: number, dirty: SlotSet, writes: SlotWrites): void {
    this.code.get(this.#remaining);
    this.code.i32(needed);
    this.code.op('i32.lt_s');
    this.code.if(undefined, 'unlikely');
    this.leave(exitCode.limit, address, 0, dirty, writes);
    this.code.end();
  }

  leave(reason: number, address: number, retired: number, dirty: SlotSet, writes: SlotWrites): void {
    this.writeBack(dirty, writes);
    this.setPc(address);
    this.#storePc();
    this.#return(reason, retired);
  }

  /** Pushes the instruction count, `retired` instructions not being counted yet. */
  pushRetired(retired: number): void {
    this.code.i32(0);
    this.code.memory('i64.load', controlMemory, control.sliceEnd);
    this.#pushRemaining(retired);
    this.code.op('i64.extend_i32_s', 'i64.sub');
  }

  setPc(address: number): void {
    this.code.i64(BigInt(address));
    this.code.set(this.#pc);
  }
  /** Takes pc from the stack. */
  setComputedPc(): void {
    this.code.set(this.#pc);
  }

  /** Opens what is done where pc is `address`. */
  ifPcIs(address: number): void {
    this.code.get(this.#pc);
    this.code.i64(BigInt(address));
    this.code.op('i64.eq');
    this.code.if(undefined, 'likely');
  }

  /** Leaves for what lies at pc; `sampled`: under which number that is noted. */
  goOn(retired: number, dirty: SlotSet, writes: SlotWrites, sampled?: number): void {
    this.writeBack(dirty, writes);
    this.count(retired);
    if (sampled !== undefined) this.#notePc(sampled);
    this.code.branch(this.#goOn);
  }

  /** Leaves for pc, a return address. */
  goBack(retired: number, dirty: SlotSet, writes: SlotWrites): void {
    this.writeBack(dirty, writes);
    this.count(retired);
    this.code.branch(this.#goBack);
  }

  /** Calls what lies at pc, or this region; goes on when that has returned to `returnsTo`, with all guest state in memory. */
  call(
    callee: Callee,
    returnsTo: number,
    sampled: number | undefined,
    retired: number,
    dirty: SlotSet,
    writes: SlotWrites,
  ): void {
    const { code } = this;
    this.writeBack(dirty, writes);
    this.count(retired);
    if (sampled !== undefined) this.#notePc(sampled);
    emitGuestCall(code, this.#jump(), callee, returnsTo, {
      memory: this.#memory,
      pcSlot: this.#pcSlot,
      type: this.#module.type(translatedType),
      goOn: this.#goOn,
    });
  }

  /** Notes pc as a target, and leaves when it is the last of its round. All state but pc is in memory. */
  #notePc(sampled: number): void {
    const { code } = this;
    code.i32(control.targetsLeft + 4 * sampled);
    code.i32(control.targetsLeft + 4 * sampled);
    code.memory('i32.load', controlMemory);
    code.i32(1);
    code.op('i32.sub');
    code.tee(this.#scratch);
    code.memory('i32.store', controlMemory);
    code.get(this.#scratch);
    code.i32(targetSamples.targets - 1);
    code.op('i32.and');
    code.i32(2);
    code.op('i32.shl');
    code.get(this.#pc);
    code.op('i32.wrap_i64');
    code.memory('i32.store', controlMemory, control.targets + 4 * targetSamples.targets * sampled);
    code.get(this.#scratch);
    code.op('i32.eqz');
    code.if(undefined, 'unlikely');
    this.#storePc();
    this.#return(exitCode.targets);
    code.end();
  }

  #jump() {
    return {
      remaining: this.#remaining,
      pc: this.#pc,
      depth: this.#depth,
      returnsTo: this.#returnsTo,
      scratch: this.#scratch,
    };
  }

  #pushRemaining(retired: number): void {
    this.code.get(this.#remaining);
    if (retired === 0) return;
    this.code.i32(retired);
    this.code.op('i32.sub');
  }

  #store(slot: Slot, push: () => void): void {
    this.code.i32(control.cpu);
    push();
    this.code.memory(slotAccess(slot, 'store'), controlMemory, slot.offset);
  }

  #storePc(): void {
    this.code.i32(control.cpu);
    this.code.get(this.#pc);
    this.code.memory('i64.store', controlMemory, this.#pcSlot.offset);
  }

  #return(reason: number, retired = 0): void {
    this.code.i32(0);
    this.#pushRemaining(retired);
    this.code.memory('i32.store', controlMemory, control.remaining);
    this.code.i32(~reason);
    this.code.op('return');
  }

  *#members(set: SlotSet): Iterable<Slot> {
    for (const [number, slot] of this.#slots.entries()) if ((set >> BigInt(number)) & 1n) yield slot;
  }
}

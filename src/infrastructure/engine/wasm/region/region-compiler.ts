import type { Slot } from '../../../../domain/ir/types.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionBody, Label } from '../codegen/function-body.ts';
import { type BlockContext, BlockEmitter, type Position, type SlotWrites } from './block-emitter.ts';
import type { RegionBlock } from './region-discovery.ts';
import { type CompiledRegion, exitCode, RegionFrame } from './region-frame.ts';
import { type PlannedBlock, planRegion, type RegionPlan, type SlotSet } from './region-plan.ts';
import { TempPool } from './temp-pool.ts';

/**
 * Compiles the blocks of a region into one function, with the structured control flow of Ramsey's "Beyond Relooper": a
 * block's code is followed by what it dominates, a block with several ways in ends a wasm block, a loop header is a
 * wasm loop. Laws: guest registers live in locals; instructions are counted when control leaves a straight piece of code,
 * and before a loop's next round it is checked that enough remain for the longest way to the next check. That is done at the
 * round's end, where all it has written is at hand: at its beginning, every slot would have to be carried round the loop.
 */
export class RegionCompiler {
  readonly #frame: RegionFrame;
  readonly #code: FunctionBody;
  readonly #temps: TempPool;
  readonly #plan: RegionPlan;
  readonly #memorySize: number;
  readonly #guarded: boolean;
  /** Where to go to be before a loop header again, or at a block with several ways in. */
  readonly #loops = new Map<number, Label>();
  readonly #merges = new Map<number, Label>();
  readonly #slowByCall: ReadonlySet<number>;

  /** `entry`: the address of the block that is entered; `slowByCall`: of instructions often off the fast path. */
  constructor(
    blocks: readonly RegionBlock[],
    entry: number,
    memory: FlatMemory,
    pcSlot: Slot<'i64'>,
    slowByCall: ReadonlySet<number> = new Set(),
  ) {
    this.#slowByCall = slowByCall;
    this.#memorySize = memory.size;
    this.#guarded = memory.guarded;
    this.#plan = planRegion(blocks, entry, memory.guarded);
    this.#frame = new RegionFrame(memory, pcSlot, this.#plan.slots);
    this.#code = this.#frame.code;
    this.#temps = new TempPool(this.#code);
  }

  /** Throws UnsupportedIr. */
  compile(): CompiledRegion {
    const entry = this.#plan.blocks[0]!;
    this.#frame.load(entry.live);
    this.#frame.check(entry.longestWay, entry.address, 0n);
    this.#emitTree(0, 0);
    return this.#frame.finish();
  }

  /** Emits a block and all that it dominates; `pending`: instructions retired but not yet counted. */
  #emitTree(index: number, pending: number): void {
    const code = this.#code;
    const { graph, blocks } = this.#plan;
    const isHeader = graph.loops.has(index);
    if (isHeader) this.#loops.set(index, code.loop());
    const merges = graph.dominated[index]!.filter((child) => graph.merges.has(child));
    // What follows first is opened last.
    for (const merge of merges.toReversed()) this.#merges.set(merge, code.block());
    this.#emitBlock(blocks[index]!, index, pending);
    for (const merge of merges) {
      code.end();
      this.#emitTree(merge, 0);
    }
    if (isHeader) code.end();
  }

  #emitBlock(block: PlannedBlock, index: number, pending: number): void {
    const context = this.#contextOf(block, index, pending);
    new BlockEmitter(context, this.#temps, block.ir, block.values).emit();
  }

  /** `pending`: instructions not yet counted that retired before the block. */
  #contextOf(block: PlannedBlock, index: number, pending: number): BlockContext {
    const frame = this.#frame;
    const { address, dirty, returnsTo } = block;
    const retired = pending + block.instructions.length;
    const written = dirty | block.written;
    const leave = (reason: number, at: Position, writes: SlotWrites) =>
      frame.leave(reason, address + at.offset, pending + at.index, dirty, writes);
    return {
      code: this.#code,
      memorySize: this.#memorySize,
      guarded: this.#guarded,
      address,
      slot: (slot) => frame.local(slot),
      imported: (name, type) => frame.imported(name, type),
      callsSlowPath: (at) => this.#slowByCall.has(address + at.offset),
      leaveToStep: (at, writes) => leave(exitCode.step, at, writes),
      leaveForSlowPath: (at, writes) => leave(exitCode.slow, at, writes),
      retired: (at) => frame.pushRetired(pending + at.index),
      commit: (writes) => frame.commit(writes),
      leaveToSystem: (next) => frame.leave(exitCode.syscall, next, retired, written),
      goToAddress: (target) => {
        if (returnsTo === undefined) return this.#goTo(index, target, retired, written);
        frame.setPc(target);
        this.#call(returnsTo, index, retired, written);
      },
      goToComputed: (hint) => {
        frame.setComputedPc();
        if (returnsTo !== undefined) return this.#call(returnsTo, index, retired, written);
        if (hint === 'return') frame.goBack(retired, written);
        else frame.goOn(retired, written);
      },
      branch: (taken, otherwise) => this.#branch(index, { taken, otherwise }, retired, written),
    };
  }

  /** `pc` is the callee's address. */
  #call(returnsTo: number, from: number, retired: number, dirty: SlotSet): void {
    const to = this.#plan.indexOf.get(returnsTo);
    this.#frame.call(returnsTo, retired, dirty);
    if (to !== undefined) {
      const { live, longestWay } = this.#plan.blocks[to]!;
      this.#frame.check(longestWay, returnsTo, 0n);
      this.#frame.load(live);
    }
    this.#goTo(from, returnsTo, 0, 0n);
  }

  #branch(
    from: number,
    to: { readonly taken: number; readonly otherwise: number },
    retired: number,
    dirty: SlotSet,
  ): void {
    const code = this.#code;
    const [taken, otherwise] = [
      this.#forwardLabelOf(from, to.taken),
      this.#forwardLabelOf(from, to.otherwise),
    ];
    if (taken ?? otherwise) {
      const [near, far] = taken ? [to.taken, to.otherwise] : [to.otherwise, to.taken];
      if (!taken) code.op('i32.eqz');
      this.#beforeLoop(from, near, dirty);
      this.#frame.count(retired);
      code.branchIf((taken ?? otherwise)!);
      return this.#goTo(from, far, 0, dirty);
    }
    code.if();
    this.#goTo(from, to.taken, retired, dirty);
    code.end();
    this.#goTo(from, to.otherwise, retired, dirty);
  }

  /** The block at an address, if an edge of the region leads there. */
  #successor(from: number, address: number): number | undefined {
    const to = this.#plan.indexOf.get(address);
    return to !== undefined && this.#plan.graph.successors[from]!.includes(to) ? to : undefined;
  }

  /** Writes back what a loop that is about to be entered does not write. (Writing back too much is no harm.) */
  #beforeLoop(from: number, address: number, dirty: SlotSet): void {
    const { loopWrites } = this.#plan.blocks[this.#successor(from, address)!]!;
    if (loopWrites !== undefined) this.#frame.writeBack(dirty & ~loopWrites);
  }

  /** The label that stands for a successor whose code follows elsewhere. */
  #forwardLabelOf(from: number, address: number): Label | undefined {
    const to = this.#successor(from, address);
    return to === undefined || this.#plan.graph.isBackEdge(from, to) ? undefined : this.#merges.get(to);
  }

  #goTo(from: number, address: number, retired: number, dirty: SlotSet): void {
    const to = this.#successor(from, address);
    if (to === undefined) {
      this.#frame.setPc(address);
      return this.#frame.goOn(retired, dirty);
    }
    const { graph, blocks } = this.#plan;
    if (graph.isBackEdge(from, to)) {
      this.#frame.count(retired);
      this.#frame.check(blocks[to]!.longestWay, address, dirty);
      return this.#code.branch(this.#loops.get(to)!);
    }
    const label = this.#merges.get(to);
    const counts = label !== undefined || graph.loops.has(to);
    this.#beforeLoop(from, address, dirty);
    if (counts) this.#frame.count(retired);
    if (label) this.#code.branch(label);
    else this.#emitTree(to, counts ? 0 : retired);
  }
}

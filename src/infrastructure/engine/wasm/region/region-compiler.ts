import type { Slot } from '../../../../domain/ir/types.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { EffectMarks } from '../../memory/effect-marks.ts';
import type { FunctionBody, Label } from '../codegen/function-body.ts';
import { representation } from '../lowering/emitter.ts';
import { markBlock, markPages } from '../lowering/marks.ts';
import { type BlockContext, BlockEmitter, type Position, type SlotWrites } from './block-emitter.ts';
import { endsComputed, type RegionBlock } from './region-discovery.ts';
import { exitCode } from '../translated-function.ts';
import type { Callee } from './guest-call.ts';
import { type CompiledRegion, RegionFrame } from './region-frame.ts';
import { type PlannedBlock, planRegion, type RegionPlan } from './region-plan.ts';
import type { SlotSet } from './slot-flow.ts';
import { TempPool } from './temp-pool.ts';

const noWrites: SlotWrites = new Map();

/** The state at the end of a block. */
interface BlockEnding {
  readonly index: number;
  /** Instructions retired but not yet counted. */
  readonly retired: number;
  readonly dirty: SlotSet;
  readonly writes: SlotWrites;
  /** Those of `writes` that are of blocks before. */
  readonly before: SlotWrites;
}

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
  readonly #marks: EffectMarks | undefined;
  /** Where to go to be before a loop header again, or at a block with several ways in. */
  readonly #loops = new Map<number, Label>();
  readonly #merges = new Map<number, Label>();
  readonly #slowByCall: ReadonlySet<number>;
  readonly #sampled: (address: number) => number | undefined;

  /**
   * `entry`: the address of the block that is entered; `slowByCall`: of instructions often off the fast path; `sampled`: the number under
   * which targets of the computed jump at an address are to be noted.
   */
  constructor(
    blocks: readonly RegionBlock[],
    entry: number,
    memory: FlatMemory,
    pcSlot: Slot<'i64'>,
    slowByCall: ReadonlySet<number> = new Set(),
    sampled: (address: number) => number | undefined = () => undefined,
  ) {
    this.#slowByCall = slowByCall;
    this.#sampled = sampled;
    this.#memorySize = memory.size;
    this.#marks = memory.marks;
    this.#plan = planRegion(blocks, entry, memory.host.guarded, memory.marks !== undefined);
    this.#frame = new RegionFrame(memory, pcSlot, this.#plan.slots);
    this.#code = this.#frame.code;
    this.#temps = new TempPool(this.#code);
  }

  /** Throws UnsupportedIr. */
  compile(): CompiledRegion {
    const entry = this.#plan.blocks[0]!;
    this.#frame.load(entry.live);
    this.#frame.check(entry.longestWay, entry.address, 0n, noWrites);
    if (this.#marks) markPages(this.#code, this.#marks, this.#plan.blocks);
    this.#emitTree(0, 0, noWrites);
    return this.#frame.finish();
  }

  /**
   * Emits a block and all that it dominates; `pending`: instructions retired but not yet counted; `before`: what blocks have
   * written from which alone this one is reached.
   */
  #emitTree(index: number, pending: number, before: SlotWrites): void {
    const code = this.#code;
    const { graph, blocks } = this.#plan;
    const isHeader = graph.loops.has(index);
    if (isHeader) this.#loops.set(index, code.loop());
    const merges = graph.dominated[index]!.filter((child) => graph.merges.has(child));
    // What follows first is opened last.
    for (const merge of merges.toReversed()) this.#merges.set(merge, code.block());
    this.#emitBlock(blocks[index]!, index, pending, before);
    for (const merge of merges) {
      code.end();
      this.#emitTree(merge, 0, noWrites);
    }
    if (isHeader) code.end();
  }

  #emitBlock(block: PlannedBlock, index: number, pending: number, before: SlotWrites): void {
    const context = this.#contextOf(block, index, pending, before);
    if (this.#marks) markBlock(this.#code, this.#marks, block.address);
    new BlockEmitter(context, this.#temps, block.ir, block.values).emit();
  }

  /** `pending`: instructions not yet counted that retired before the block. */
  #contextOf(block: PlannedBlock, index: number, pending: number, before: SlotWrites): BlockContext {
    const frame = this.#frame;
    const { address, dirty, written, returnsTo } = block;
    const retired = pending + block.instructions.length;
    const leave = (reason: number, at: Position, writes: SlotWrites) =>
      frame.leave(reason, address + at.offset, pending + at.index, this.#dirtyWith(dirty, writes), writes);
    const end = (writes: SlotWrites): BlockEnding => ({
      index,
      retired,
      dirty: dirty | written,
      writes,
      before,
    });
    return {
      code: this.#code,
      memorySize: this.#memorySize,
      marks: this.#marks,
      address,
      slot: (slot) => frame.local(slot),
      before,
      imported: (name, type) => frame.imported(name, type),
      callsSlowPath: (at) => this.#slowByCall.has(address + at.offset),
      leaveToStep: (at, writes) => leave(exitCode.step, at, writes),
      leaveForSlowPath: (at, writes) => leave(exitCode.slow, at, writes),
      retired: (at) => frame.pushRetired(pending + at.index),
      leaveToSystem: (next, writes) => frame.leave(exitCode.syscall, next, retired, dirty | written, writes),
      goToAddress: (target, writes) => {
        if (returnsTo === undefined) return this.#goTo(target, end(writes));
        frame.setPc(target);
        const callee = target === this.#plan.blocks[0]!.address ? 'itself' : 'pc';
        this.#call(callee, returnsTo, undefined, end(writes));
      },
      goToComputed: (hint, writes) => {
        frame.setComputedPc();
        for (const guess of block.guesses ?? []) {
          frame.ifPcIs(guess.address);
          this.#goToBlock(this.#plan.guessed(index, guess), guess.address, end(writes));
          this.#code.end();
        }
        const sampled = endsComputed(block) ? this.#sampled(block.instructions.at(-1)!.address) : undefined;
        if (returnsTo !== undefined) return this.#call('pc', returnsTo, sampled, end(writes));
        if (block.returnsInside !== undefined) {
          frame.ifPcIs(block.returnsInside);
          this.#goTo(block.returnsInside, end(writes));
          this.#code.end();
        }
        if (hint === 'return') frame.goBack(retired, dirty | written, writes);
        else frame.goOn(retired, dirty | written, writes, sampled);
      },
      branch: (taken, otherwise, writes) => {
        this.#code.if();
        this.#goTo(taken, end(writes));
        this.#code.end();
        this.#goTo(otherwise, end(writes));
      },
    };
  }

  #dirtyWith(dirty: SlotSet, writes: SlotWrites): SlotSet {
    let set = dirty;
    for (const slot of writes.keys()) set |= this.#plan.bitOf(slot);
    return set;
  }

  /** `pc` is the callee's address. */
  #call(callee: Callee, returnsTo: number, sampled: number | undefined, ending: BlockEnding): void {
    const { index, retired, dirty, writes } = ending;
    this.#frame.call(callee, returnsTo, sampled, retired, dirty, writes);
    const to = this.#plan.successor(index, returnsTo);
    if (to !== undefined) {
      const { live, longestWay } = this.#plan.blocks[to]!;
      this.#frame.check(longestWay, returnsTo, 0n, noWrites);
      this.#frame.load(live);
    }
    this.#goTo(returnsTo, { index, retired: 0, dirty: 0n, writes: noWrites, before: noWrites });
  }

  #goTo(address: number, ending: BlockEnding): void {
    this.#goToBlock(this.#plan.successor(ending.index, address), address, ending);
  }

  /** `to`: the block of the region at the address, if the way there is part of it. */
  #goToBlock(to: number | undefined, address: number, ending: BlockEnding): void {
    const { index, retired, dirty, writes } = ending;
    if (to === undefined) {
      this.#frame.setPc(address);
      return this.#frame.goOn(retired, dirty, writes);
    }
    const { graph, blocks } = this.#plan;
    const { loopWrites, live, read, longestWay } = blocks[to]!;
    const goesRound = graph.isBackEdge(index, to);
    const label = goesRound ? this.#loops.get(to) : this.#merges.get(to);
    const counts = label !== undefined || loopWrites !== undefined;
    if (counts) this.#frame.count(retired);
    if (goesRound) this.#frame.check(longestWay, address, dirty, writes);
    // Writing back too much is no harm.
    else if (loopWrites !== undefined) this.#frame.writeBack(dirty & ~loopWrites, writes);
    if (!counts) return this.#goInLine(to, read, ending);
    this.#frame.commit(live, writes);
    if (label) this.#code.branch(label);
    else this.#emitTree(to, 0, noWrites);
  }

  /** Goes to a block with no other way in, which takes what has been written as it is: what it reads is computed before. */
  #goInLine(to: number, read: SlotSet, { retired, writes, before }: BlockEnding): void {
    const temps = this.#temps.nested();
    const kept = new Map(writes);
    for (const [slot, push] of writes) {
      if (!(read & this.#plan.bitOf(slot)) || before.get(slot) === push) continue;
      const local = temps.take(representation(slot.type));
      push();
      this.#code.set(local);
      kept.set(slot, () => this.#code.get(local));
    }
    this.#emitTree(to, retired, kept);
    temps.releaseAll();
  }
}

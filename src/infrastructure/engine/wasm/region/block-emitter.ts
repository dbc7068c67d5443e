import type { IrBlock, JumpHint, Node, Value } from '../../../../domain/ir/node.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import type { EffectMarks } from '../../memory/effect-marks.ts';
import type { FunctionBody } from '../codegen/function-body.ts';
import type { FunctionType } from '../codegen/module-builder.ts';
import type { ValueType } from '../codegen/opcodes.ts';
import { type Emitter, representation } from '../lowering/emitter.ts';
import type { MarkedGroups } from '../lowering/marked-groups.ts';
import { markAccesses } from '../lowering/marks.ts';
import { lowerings } from '../lowering/lowering-table.ts';
import type { ValuePlan } from '../lowering/value-plan.ts';
import type { TempPool } from './temp-pool.ts';

/** What slots hold that have been written: each entry pushes the value. */
export type SlotWrites = ReadonlyMap<Slot, () => void>;

/** A guest instruction of the block being emitted. */
export interface Position {
  /** Its number in the block, which is that of instructions retired before it. */
  readonly index: number;
  /** Where it begins, in bytes from the block's beginning, and where the next one does. */
  readonly offset: number;
  readonly end: number;
}

/** What surrounds a block. Whoever leaves is told what the instructions before have written. */
export interface BlockContext {
  readonly code: FunctionBody;
  readonly memorySize: number;
  /** Where accesses are marked, if they are. */
  readonly marks: EffectMarks | undefined;
  /** The guest address of the block's beginning. */
  readonly address: number;
  /** The local that holds a slot as it was at the block's beginning, but for those of `before`. */
  slot(slot: Slot): number;
  /** What blocks before have written. */
  readonly before: SlotWrites;
  imported(name: string, type: FunctionType): number;
  callsSlowPath(at: Position): boolean;
  leaveToStep(at: Position, writes: SlotWrites): void;
  leaveForSlowPath(at: Position, writes: SlotWrites): void;
  /** Pushes the count of instructions retired before one. */
  retired(at: Position): void;
  leaveToSystem(next: number, writes: SlotWrites): void;
  goToAddress(address: number, writes: SlotWrites): void;
  /** Goes to the address on the stack. */
  goToComputed(hint: JumpHint, writes: SlotWrites): void;
  /** Goes to one of two addresses, by the condition on the stack. */
  branch(taken: number, otherwise: number, writes: SlotWrites): void;
}

/**
 * Emits a block's IR. Law: what is written to a slot stays where it is computed, and the slot's local as it was, until the
 * block ends or is left; so what only exits want is computed only there.
 */
export class BlockEmitter implements Emitter {
  readonly code: FunctionBody;
  readonly memorySize: number;
  readonly marks: EffectMarks | undefined;
  readonly #context: BlockContext;
  readonly #temps: TempPool;
  readonly #nodes: readonly Node[];
  readonly #plan: ValuePlan;
  readonly #locals: number[] = [];
  readonly #flagLocals: number[] = [];
  readonly #groups: MarkedGroups | undefined;
  /** The checked, 32-bit address of the lowest access with a base. */
  readonly #anchors = new Map<number, number>();
  readonly #exceptions: Slot<'i32'>;
  readonly #writes: Map<Slot, () => void>;
  #writesOfInstruction: [Slot, () => void][] = [];
  #at: Position = { index: -1, offset: 0, end: 0 };
  #hasEffect = false;

  constructor(context: BlockContext, temps: TempPool, block: IrBlock, plan: ValuePlan) {
    this.#context = context;
    this.code = context.code;
    this.memorySize = context.memorySize;
    this.marks = context.marks;
    this.#writes = new Map(context.before);
    this.#temps = temps.nested();
    this.#nodes = block.nodes;
    this.#plan = plan;
    this.#groups = this.marks && plan.markedGroups();
    this.#exceptions = block.layout.fpExceptions;
  }

  /** Throws UnsupportedIr. */
  emit(): void {
    for (const node of this.#nodes) {
      if (node.op === 'instruction') this.#begin(node.attr);
      if (this.#plan.place[node.id] !== 'local') continue;
      lowerings[node.op](this, node);
      if (node.op === 'raise') this.#exceptionsChanged();
      if (node.type !== 'void') {
        const local = this.#temps.take(representation(node.type, node.op));
        this.code.set(local);
        this.#locals[node.id] = local;
      }
      this.#temps.releaseScratch();
    }
    this.#temps.releaseAll();
  }

  arg(node: Node, position: number): void {
    this.#push(node.args[position]!);
  }
  temp(type: ValueType): number {
    return this.#temps.scratch(type);
  }
  write(slot: Slot, value: Value): void {
    if (slot === this.#exceptions) {
      this.#push(value);
      this.code.set(this.#context.slot(slot));
      this.#exceptionsChanged();
    } else this.#writesOfInstruction.push([slot, () => this.#push(value)]);
  }
  pushSlot(slot: Slot): void {
    const written = slot === this.#exceptions ? undefined : this.#context.before.get(slot);
    if (written) written();
    else this.code.get(this.#context.slot(slot));
  }
  stickyExceptions(): number {
    return this.#context.slot(this.#exceptions);
  }
  constantOf(value: Value): bigint | undefined {
    const node = this.#nodes[value.id]!;
    return node.op === 'const' ? node.attr.value : undefined;
  }
  flagUse(node: Node | Value): 'none' | 'raise' | 'exact' {
    return this.#plan.flags[node.id]!;
  }
  flagLocal(node: Node | Value): number {
    return (this.#flagLocals[node.id] ??= this.#temps.take('i32'));
  }
  imported(name: string, type: FunctionType): number {
    return this.#context.imported(name, type);
  }
  leaveToStep(): void {
    this.#context.leaveToStep(this.#at, this.#writes);
  }
  get callsSlowPath(): boolean {
    return this.#hasEffect || this.#context.callsSlowPath(this.#at);
  }
  leaveForSlowPath(): void {
    this.#context.leaveForSlowPath(this.#at, this.#writes);
  }
  leaveToSystem(): void {
    this.#context.leaveToSystem(this.#context.address + this.#at.end, this.#allWrites());
  }
  retired(): void {
    this.#context.retired(this.#at);
  }

  pushTrapping(node: Node): number | undefined {
    const access = this.#plan.addressing.accessOf(node);
    if (!access) return undefined;
    const { base, offset, lowest } = access;
    let anchor = this.#anchors.get(base.id);
    if (anchor === undefined) {
      anchor = this.#temps.take('i32');
      this.#anchors.set(base.id, anchor);
      this.#trapBeyondMemory(base, lowest);
      this.code.tee(anchor);
      if (this.marks && this.#groups) markAccesses(this.code, this.marks, anchor, this.#groups.of(base));
    } else this.code.get(anchor);
    return offset - lowest;
  }

  isMarked(node: Node): boolean {
    return this.#groups?.has(node) ?? false;
  }

  goTo(target: Value, hint: JumpHint): void {
    const address = this.#addressOf(target);
    if (address !== undefined) return this.#context.goToAddress(address, this.#allWrites());
    this.#push(target);
    this.#context.goToComputed(hint, this.#allWrites());
  }

  goToNext(): void {
    this.#context.goToAddress(this.#context.address + this.#at.end, this.#allWrites());
  }

  branchTo(node: Node): void {
    const [taken, otherwise] = [this.#addressOf(node.args[1]!), this.#addressOf(node.args[2]!)];
    if (taken !== undefined && otherwise !== undefined) {
      this.arg(node, 0);
      return this.#context.branch(taken, otherwise, this.#allWrites());
    }
    this.arg(node, 1);
    this.arg(node, 2);
    this.arg(node, 0);
    this.code.op('select');
    this.#context.goToComputed('none', this.#allWrites());
  }

  #begin({ offset, length }: { readonly offset: number; readonly length: number }): void {
    this.#allWrites();
    this.#at = { index: this.#at.index + 1, offset, end: offset + length };
    this.#hasEffect = false;
  }

  /** What has been written, by the instruction at hand too. */
  #allWrites(): SlotWrites {
    for (const [slot, push] of this.#writesOfInstruction) this.#writes.set(slot, push);
    this.#writesOfInstruction = [];
    return this.#writes;
  }

  /** Their slot is always up to date in its local. */
  #exceptionsChanged(): void {
    this.#hasEffect = true;
    this.#writes.set(this.#exceptions, () => this.code.get(this.#context.slot(this.#exceptions)));
  }

  /** Pushes `base + offset` as an i32, unless that lies beyond memory. */
  #trapBeyondMemory(base: Value, offset: number): void {
    const { code } = this;
    const address = this.temp('i64');
    this.#push(base);
    if (offset !== 0) {
      code.i64(BigInt(offset));
      code.op('i64.add');
    }
    code.tee(address);
    code.i64(BigInt(this.memorySize));
    code.op('i64.ge_u');
    code.if(undefined, 'unlikely');
    code.op('unreachable');
    code.end();
    code.get(address);
    code.op('i32.wrap_i64');
  }

  /** The address that a pc-relative value stands for; wrapped ones are left to be computed. */
  #addressOf(value: Value): number | undefined {
    const node = this.#nodes[value.id]!;
    if (node.op !== 'pc') return undefined;
    const address = this.#context.address + node.attr.offset;
    return address >= 0 ? address : undefined;
  }

  #push(value: Value): void {
    const node = this.#nodes[value.id]!;
    if (this.#plan.place[node.id] === 'local') return this.code.get(this.#locals[node.id]!);
    if (node.op === 'pc') return this.code.i64(BigInt(this.#context.address + node.attr.offset));
    lowerings[node.op](this, node);
  }
}

import type { IrBlock, JumpHint, Node, Value } from '../../../../domain/ir/node.ts';
import { opOf } from '../../../../domain/ir/ops.ts';
import { type Slot, widths } from '../../../../domain/ir/types.ts';
import type { LiftedInstruction } from '../../golden/instruction-source.ts';
import { FunctionBody } from '../codegen/function-body.ts';
import type { FunctionType } from '../codegen/module-builder.ts';
import { type Emitter, representation } from '../lowering/emitter.ts';
import { lowerings } from '../lowering/lowering-table.ts';
import { UnsupportedIr } from '../lowering/unsupported-ir.ts';
import { planOf, type ValuePlan } from '../lowering/value-plan.ts';

/** What the region around an instruction provides. */
export interface RegionContext {
  readonly code: FunctionBody;
  readonly memorySize: number;
  slot(slot: Slot): number;
  imported(name: string, type: FunctionType): number;
  /** Leaves with this instruction not executed. */
  leaveToStep(): void;
  readonly guarded: boolean;
  readonly callsSlowPath: boolean;
  leaveForSlowPath(): void;
  leaveToSystem(next: number): void;
  retired(): void;
  goToAddress(address: number): void;
  /** Goes to the address on the stack. */
  goToComputed(hint: JumpHint): void;
  /** Goes to one of two addresses, by the condition on the stack. */
  branch(taken: number, otherwise: number): void;
}

/** Scratch locals, shared by all instructions of a region. */
export class TempPool {
  readonly #code: FunctionBody;
  readonly #free: Record<'i32' | 'i64' | 'f32' | 'f64', number[]> = { i32: [], i64: [], f32: [], f64: [] };
  #used: ['i32' | 'i64' | 'f32' | 'f64', number][] = [];

  constructor(code: FunctionBody) {
    this.#code = code;
  }

  take(type: 'i32' | 'i64' | 'f32' | 'f64'): number {
    const local = this.#free[type].pop() ?? this.#code.local(type);
    this.#used.push([type, local]);
    return local;
  }

  releaseAll(): void {
    for (const [type, local] of this.#used) this.#free[type].push(local);
    this.#used = [];
  }
}

/** Emits one instruction that lies at `address`. Throws UnsupportedIr. */
export class InstructionEmitter implements Emitter {
  readonly code: FunctionBody;
  readonly memorySize: number;
  readonly #context: RegionContext;
  readonly #temps: TempPool;
  readonly #nodes: readonly Node[];
  readonly #plan: ValuePlan;
  readonly #address: number;
  readonly #length: number;
  readonly #locals: number[] = [];
  readonly #flagLocals: number[] = [];
  readonly #exceptions: Slot<'i32'>;
  #hasEffect = false;

  constructor(context: RegionContext, temps: TempPool, { block }: LiftedInstruction, address: number) {
    this.#context = context;
    this.code = context.code;
    this.memorySize = context.memorySize;
    this.#temps = temps;
    this.#nodes = block.nodes;
    this.#plan = planOf(block);
    this.#address = address;
    this.#length = block.length;
    this.#exceptions = block.layout.fpExceptions;
  }

  emit(): void {
    for (const node of this.#nodes) {
      if (this.#plan.place[node.id] !== 'local') continue;
      lowerings[node.op](this, node);
      if (opOf(node.op).effect === 'writes-state') this.#hasEffect = true;
      if (node.type !== 'void') {
        const local = this.temp(representation(node.type, node.op));
        this.code.set(local);
        this.#locals[node.id] = local;
      }
    }
    this.#temps.releaseAll();
  }

  arg(node: Node, position: number): void {
    this.#push(node.args[position]!);
  }
  temp(type: 'i32' | 'i64' | 'f32' | 'f64'): number {
    return this.#temps.take(type);
  }
  slot(slot: Slot): number {
    return this.#context.slot(slot);
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
    return (this.#flagLocals[node.id] ??= this.temp('i32'));
  }
  imported(name: string, type: FunctionType): number {
    return this.#context.imported(name, type);
  }
  leaveToStep(): void {
    this.#context.leaveToStep();
  }
  get guarded(): boolean {
    return this.#context.guarded;
  }
  get callsSlowPath(): boolean {
    return this.#hasEffect || this.#context.callsSlowPath;
  }
  leaveForSlowPath(): void {
    this.#context.leaveForSlowPath();
  }
  leaveToSystem(): void {
    this.#context.leaveToSystem(this.#address + this.#length);
  }
  retired(): void {
    this.#context.retired();
  }

  goTo(target: Value, hint: JumpHint): void {
    const address = this.#addressOf(target);
    if (address !== undefined) return this.#context.goToAddress(address);
    this.#push(target);
    this.#context.goToComputed(hint);
  }

  goToNext(): void {
    this.#context.goToAddress(this.#address + this.#length);
  }

  branchTo(node: Node): void {
    const [taken, otherwise] = [this.#addressOf(node.args[1]!), this.#addressOf(node.args[2]!)];
    this.arg(node, 0);
    if (taken !== undefined && otherwise !== undefined) return this.#context.branch(taken, otherwise);
    this.code.if();
    this.goTo(node.args[1]!, 'none');
    this.code.end();
    this.goTo(node.args[2]!, 'none');
  }

  /** The address that a pc-relative value stands for; wrapped ones are left to be computed. */
  #addressOf(value: Value): number | undefined {
    const node = this.#nodes[value.id]!;
    if (node.op !== 'pc') return undefined;
    const address = this.#address + node.attr.offset;
    return address >= 0 ? address : undefined;
  }

  #push(value: Value): void {
    const node = this.#nodes[value.id]!;
    if (this.#plan.place[node.id] === 'local') return this.code.get(this.#locals[node.id]!);
    if (node.op === 'pc') return this.code.i64(BigInt(this.#address + node.attr.offset));
    lowerings[node.op](this, node);
  }
}

const translatable = new WeakMap<IrBlock, boolean>();
const rarelyNarrow: ReadonlySet<string> = new Set(['rotl', 'rotr', 'byteSwap']);

/** Whether the wasm engine has a lowering for all of an instruction's IR. */
export function isTranslatable(instruction: LiftedInstruction): boolean {
  const { block } = instruction;
  const known = translatable.get(block);
  if (known !== undefined) return known;
  const doubtful = block.nodes.some(
    (node) =>
      [node, ...node.args].some(({ type }) => type !== 'void' && widths[type] > 64) ||
      (node.attr && 'endian' in node.attr && (node.attr.endian === 'big' || node.op !== 'load')) ||
      rarelyNarrow.has(node.op),
  );
  const answer = !doubtful || emitsAlone(instruction);
  translatable.set(block, answer);
  return answer;
}

/** Tries the lowerings in a function that is thrown away. */
function emitsAlone(instruction: LiftedInstruction): boolean {
  const code = new FunctionBody([]);
  const nothing = () => undefined;
  const context: RegionContext = {
    code,
    memorySize: 0,
    slot: () => 0,
    imported: () => 0,
    leaveToStep: nothing,
    guarded: false,
    callsSlowPath: true,
    leaveForSlowPath: nothing,
    leaveToSystem: nothing,
    retired: nothing,
    goToAddress: nothing,
    goToComputed: nothing,
    branch: nothing,
  };
  try {
    new InstructionEmitter(context, new TempPool(code), instruction, 0).emit();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedIr) return false;
    throw error;
  }
}

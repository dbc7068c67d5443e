import type { IrBlock } from '../../../../domain/ir/node.ts';
import { raisesFlags } from '../../../../domain/ir/ops.ts';
import type { Shape } from '../../../../domain/ir/shape.ts';
import type { Slot, StateLayout } from '../../../../domain/ir/types.ts';
import { control } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { FunctionBody } from '../codegen/function-body.ts';
import { type FunctionType, ModuleBuilder, type SizedMemory } from '../codegen/module-builder.ts';
import { emitFrameArguments } from '../jump-lookup.ts';
import { controlMemory, representation } from '../lowering/emitter.ts';
import { slotAccess } from '../lowering/state.ts';
import { planOf } from '../lowering/value-plan.ts';
import { type BlockContext, BlockEmitter, type SlotWrites } from '../region/block-emitter.ts';
import { exitCode, translatedType } from '../translated-function.ts';
import { TempPool } from '../region/temp-pool.ts';
import type { AssembledModule } from './assembled-modules.ts';
import { chainType } from './dispatch-module.ts';
import { record, recordSize } from './record.ts';

/** What of a memory the code of handlers depends on. */
export interface HandlerMemory extends Pick<FlatMemory, 'size' | 'marks'> {
  readonly guest: SizedMemory;
  readonly control: SizedMemory;
}

/** Compiles shapes into a module that exports each one's handler under its position in `shapes`. Throws UnsupportedIr. */
export function compileHandlers(shapes: readonly Shape[], memory: HandlerMemory): AssembledModule {
  const module = new ModuleBuilder();
  const imports = new Set<string>();
  module.importMemory('engine', 'guest', memory.guest);
  module.importMemory('engine', 'control', memory.control);
  if (memory.marks) module.importMemory('engine', 'marks', memory.marks.memory);
  module.importTable('engine', 'regions');
  for (const [position, shape] of shapes.entries()) {
    const code = new HandlerCompiler(module, imports, shape, memory).compile();
    module.define(String(position), translatedType, code);
  }
  return { bytes: module.assemble(), imports: [...imports] };
}

/**
 * Compiles a shape into a handler of the interpreter, by the same lowerings as regions. Laws: parameters are read before
 * anything else, and written slots stored last; leaving before that leaves the state as it was.
 */
class HandlerCompiler {
  readonly #code = new FunctionBody(translatedType.parameters);
  readonly #module: ModuleBuilder;
  readonly #imports: Set<string>;
  readonly #shape: Shape;
  readonly #memory: HandlerMemory;
  readonly #layout: StateLayout;
  readonly #locals = new Map<Slot, number>();
  readonly #remaining = 0;
  readonly #record = 1;
  readonly #frame = { depth: 2, returnsTo: 3 };
  readonly #pc = this.#code.local('i64');

  /** `imports` gets the names of the functions that the handler needs. */
  constructor(module: ModuleBuilder, imports: Set<string>, shape: Shape, memory: HandlerMemory) {
    this.#module = module;
    this.#imports = imports;
    this.#shape = shape;
    this.#memory = memory;
    this.#layout = shape.block.layout;
  }

  compile(): FunctionBody {
    const code = this.#code;
    const { block } = this.#shape;
    const plan = planOf(block, 'nothing');
    for (const slot of slotsRead(block)) {
      this.#locals.set(slot, code.local(representation(slot.type)));
      this.#load(slot);
    }
    new BlockEmitter(this.#context(), new TempPool(code), block, plan).emit();
    code.op('unreachable');
    return code;
  }

  #load(slot: Slot): void {
    const code = this.#code;
    const operand = this.#operandOf(slot);
    if (operand === undefined) {
      code.i32(control.cpu);
      code.memory(slotAccess(slot, 'load'), controlMemory, slot.offset);
    } else if (operand.kind === 'state') {
      this.#field(operand.at);
      code.memory(slotAccess(slot, 'load'), controlMemory);
    } else {
      code.get(this.#record);
      code.memory(slotAccess(slot, 'load'), controlMemory, operand.at);
    }
    code.set(this.#locals.get(slot)!);
  }

  #store(slot: Slot, push: () => void): void {
    const code = this.#code;
    const operand = this.#operandOf(slot);
    if (operand) this.#field(operand.at);
    else code.i32(control.cpu);
    push();
    code.memory(slotAccess(slot, 'store'), controlMemory, operand ? 0 : slot.offset);
  }

  /** Where in the record a parameter's operand lies; undefined for a slot that is none. */
  #operandOf(slot: Slot): { readonly kind: 'state' | 'value'; readonly at: number } | undefined {
    if (this.#shape.parameters[slot.offset] !== slot) return undefined;
    const kind = this.#shape.operands[slot.offset]!.kind === 'state' ? 'state' : 'value';
    return { kind, at: recordSize(slot.offset) };
  }

  /** Pushes an i32 of the record. */
  #field(offset: number): void {
    this.#code.get(this.#record);
    this.#code.memory('i32.load', controlMemory, offset);
  }

  #setPcFrom(offset: number): void {
    const code = this.#code;
    code.i32(control.cpu);
    this.#field(offset);
    code.op('i64.extend_i32_u');
    code.memory('i64.store', controlMemory, this.#layout.pc.offset);
  }

  #return(code: number): void {
    this.#code.i32(0);
    this.#code.get(this.#remaining);
    this.#code.memory('i32.store', controlMemory, control.remaining);
    this.#code.i32(~code);
    this.#code.op('return');
  }

  #context(): BlockContext {
    const code = this.#code;
    const imported = (name: string, type: FunctionType) => {
      this.#imports.add(name);
      return this.#module.importFunction('engine', name, type);
    };
    const storeState = (writes: SlotWrites) => {
      for (const [slot, push] of writes) this.#store(slot, push);
    };
    const goToNext = () => {
      const size = recordSize(this.#shape.operands.length);
      code.get(this.#remaining);
      code.get(this.#record);
      code.i32(size);
      code.op('i32.add');
      emitFrameArguments(code, this.#frame);
      this.#field(size + record.handler);
      code.returnCallIndirect(this.#module.type(translatedType), 0);
    };
    const leaveToStep = () => {
      this.#setPcFrom(record.address);
      code.get(this.#remaining);
      this.#field(record.left);
      code.op('i32.add');
      code.set(this.#remaining);
      this.#return(exitCode.step);
    };
    return {
      code,
      memorySize: this.#memory.size,
      marks: this.#memory.marks,
      slot: (slot) => this.#locals.get(slot)!,
      before: new Map(),
      imported,
      leaveToStep,
      address: 0,
      callsSlowPath: () => true,
      leaveForSlowPath: leaveToStep,
      leaveToSystem: (_, writes) => {
        storeState(writes);
        this.#setPcFrom(record.next);
        this.#return(exitCode.syscall);
      },
      retired: () => {
        code.i32(0);
        code.memory('i64.load', controlMemory, control.sliceEnd);
        code.get(this.#remaining);
        this.#field(record.left);
        code.op('i32.add', 'i64.extend_i32_s', 'i64.sub');
      },
      // The IR of a shape has no addresses of its own: what is left is going on to the next instruction.
      goToAddress: (_, writes) => {
        storeState(writes);
        goToNext();
      },
      branch: () => {
        throw new TypeError('a shape has no constant addresses');
      },
      goToComputed: (hint, writes) => {
        code.set(this.#pc);
        storeState(writes);
        code.i32(control.cpu);
        code.get(this.#pc);
        code.memory('i64.store', controlMemory, this.#layout.pc.offset);
        code.get(this.#remaining);
        emitFrameArguments(code, this.#frame);
        code.returnCall(imported(hint === 'return' ? 'back' : 'chain', chainType));
      },
    };
  }
}

/** What a handler needs at hand: float operations consult the exceptions raised before. */
function slotsRead({ nodes, layout }: IrBlock): ReadonlySet<Slot> {
  const slots = new Set<Slot>();
  for (const node of nodes) {
    if (node.op === 'read') slots.add(node.attr.slot);
    if (node.op === 'raise' || raisesFlags(node.op)) slots.add(layout.fpExceptions);
    if (node.op === 'write' && node.attr.slot === layout.fpExceptions) slots.add(layout.fpExceptions);
  }
  return slots;
}

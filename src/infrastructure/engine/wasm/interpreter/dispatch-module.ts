import type { Slot } from '../../../../domain/ir/types.ts';
import { control } from '../../memory/control-memory.ts';
import type { EffectMarks } from '../../memory/effect-marks.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { FunctionBody } from '../codegen/function-body.ts';
import { type FunctionType, ModuleBuilder } from '../codegen/module-builder.ts';
import { emitFrameArguments, emitJumpLookup, emitReturn } from '../jump-lookup.ts';
import { controlMemory } from '../lowering/emitter.ts';
import { markBlockAt } from '../lowering/marks.ts';
import { exitCode, translatedType } from '../translated-function.ts';
import { formsLimits } from './forms-memory.ts';
import { record, recordSize } from './record.ts';
import { threaderType } from './threader-code.ts';
import { threader } from './threader.ts';

/** `(remaining, depth, returnsTo) → result`, as of translated code. */
export const chainType: FunctionType = { parameters: ['i32', 'i32', 'i32'], results: ['i32'] };

/** Handlers that belong to no instruction. */
export type DispatchHandler = 'head' | 'goOn' | 'step' | 'pause';

const [remaining, at, depth, returnsTo] = [0, 1, 2, 3];
const chainFrame = { depth: 1, returnsTo: 2 };

/**
 * The handlers of threaded code that belong to no instruction. `head` debits a block's instructions and counts its entries;
 * `goOn` goes to an address; `step` has the engine step the instruction there; `pause` stands in for an instruction that is
 * not to be executed; `chain` tail-calls what the jump cache has for pc; `back` returns to pc; `enter` goes to a record, of whatever handler.
 */
export function dispatchModule(memory: FlatMemory, pc: Slot<'i64'>): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory('engine', 'guest', memory.guest);
  module.importMemory('engine', 'control', memory.control);
  if (memory.marks) module.importMemory('engine', 'marks', memory.marks.memory);
  else module.importGrowingMemory('engine', 'forms', formsLimits.least, formsLimits.most);
  module.importTable('engine', 'regions');
  const type = module.type(translatedType);
  const enterBlock = module.define('head', translatedType, head(type, pc, memory.marks));
  module.define(
    'step',
    translatedType,
    leave(new FunctionBody(translatedType.parameters), pc, exitCode.step),
  );
  module.define('pause', translatedType, pause(pc));
  module.define('enter', translatedType, enter(type));
  // What is marked are the blocks that the engine knows.
  const thread = memory.marks
    ? undefined
    : module.define('thread', threaderType, threader(memory, enterBlock, leaveForMiss));
  module.define('goOn', translatedType, goOn(memory, type, pc, thread));
  module.define(
    'chain',
    chainType,
    chain(new FunctionBody(chainType.parameters), memory, type, pc, chainFrame, thread),
  );
  module.define('back', chainType, back(memory, type, pc, thread));
  return module.assemble();
}

function head(type: number, pc: Slot<'i64'>, marks: EffectMarks | undefined): FunctionBody {
  const code = new FunctionBody(translatedType.parameters);
  const heat = code.local('i32');
  code.get(remaining);
  field(code, record.left);
  code.op('i32.lt_s');
  code.if();
  leave(code, pc, exitCode.limit);
  code.end();
  code.get(at);
  field(code, record.next);
  code.i32(1);
  code.op('i32.sub');
  code.tee(heat);
  code.memory('i32.store', controlMemory, record.next);
  code.get(heat);
  code.op('i32.eqz');
  code.if();
  leave(code, pc, exitCode.hot);
  code.end();
  if (marks) {
    field(code, record.address);
    code.set(heat);
    markBlockAt(code, marks, heat);
  }
  code.get(remaining);
  field(code, record.left);
  code.op('i32.sub');
  code.get(at);
  code.i32(recordSize(0));
  code.op('i32.add');
  emitFrameArguments(code, { depth, returnsTo });
  field(code, recordSize(0) + record.handler);
  code.returnCallIndirect(type, 0);
  return code;
}

/** Gives back the instructions of the block from this one on. */
function pause(pc: Slot<'i64'>): FunctionBody {
  const code = new FunctionBody(translatedType.parameters);
  code.get(remaining);
  field(code, record.left);
  code.op('i32.add');
  code.set(remaining);
  return leave(code, pc, exitCode.limit);
}

function enter(type: number): FunctionBody {
  const code = new FunctionBody(translatedType.parameters);
  code.get(remaining);
  code.get(at);
  emitFrameArguments(code, { depth, returnsTo });
  field(code, record.handler);
  code.returnCallIndirect(type, 0);
  return code;
}

function goOn(memory: FlatMemory, type: number, pc: Slot<'i64'>, thread: number | undefined): FunctionBody {
  const code = new FunctionBody(translatedType.parameters);
  setPc(code, pc);
  return chain(code, memory, type, pc, { depth, returnsTo }, thread);
}

/** Returns to the region that called, if one did. */
function back(memory: FlatMemory, type: number, pc: Slot<'i64'>, thread: number | undefined): FunctionBody {
  const code = new FunctionBody(chainType.parameters);
  const target = code.local('i64');
  loadPc(code, pc, target);
  emitReturn(code, { remaining, pc: target, ...chainFrame }, () => finish(code, exitCode.returned));
  return chain(code, memory, type, pc, chainFrame, thread);
}

/** Looks pc up, and has it threaded where it is not found; the parameter of index 0 is what remains. */
function chain(
  code: FunctionBody,
  memory: FlatMemory,
  type: number,
  pc: Slot<'i64'>,
  frame: typeof chainFrame,
  thread: number | undefined,
): FunctionBody {
  const scratch = code.local('i32');
  const target = code.local('i64');
  loadPc(code, pc, target);
  emitJumpLookup(code, memory, type, { remaining, pc: target, scratch, ...frame });
  if (thread === undefined) return leaveForMiss(code);
  for (const argument of [remaining, target, frame.depth, frame.returnsTo]) code.get(argument);
  code.returnCall(thread);
  return code;
}

const leaveForMiss = (code: FunctionBody): FunctionBody => finish(code, exitCode.miss);

function loadPc(code: FunctionBody, pc: Slot<'i64'>, target: number): void {
  code.i32(control.cpu);
  code.memory('i64.load', controlMemory, pc.offset);
  code.set(target);
}

/** Leaves for the engine with pc at the record's address. */
function leave(code: FunctionBody, pc: Slot<'i64'>, reason: number): FunctionBody {
  setPc(code, pc);
  return finish(code, reason);
}

function finish(code: FunctionBody, reason: number): FunctionBody {
  code.i32(0);
  code.get(remaining);
  code.memory('i32.store', controlMemory, control.remaining);
  code.i32(~reason);
  code.op('return');
  return code;
}

function setPc(code: FunctionBody, pc: Slot<'i64'>): void {
  code.i32(control.cpu);
  field(code, record.address);
  code.op('i64.extend_i32_u');
  code.memory('i64.store', controlMemory, pc.offset);
}

/** Pushes an i32 of the record. */
function field(code: FunctionBody, offset: number): void {
  code.get(at);
  code.memory('i32.load', controlMemory, offset);
}

import type { OpName } from '../../../../domain/ir/ops.ts';
import * as convert from './conversion.ts';
import type { Lowering } from './emitter.ts';
import * as arithmetic from './float-arithmetic.ts';
import * as ieee from './float-conversion.ts';
import { flagsOf, float, raise } from './float-site.ts';
import * as int from './integer.ts';
import * as memory from './memory.ts';
import * as state from './state.ts';
import { UnsupportedIr } from './unsupported-ir.ts';

const unsupported: Lowering = (_, node) => {
  throw new UnsupportedIr(node.op, node.type);
};

/** How each op of the IR becomes wasm: the exhaustive counterpart of the op table. Pure ops push their value. */
export const lowerings: Record<OpName, Lowering> = {
  add: int.wrapping('add'),
  sub: int.wrapping('sub'),
  mul: int.wrapping('mul'),
  mulHighU: int.multiplyHigh('u', 'u'),
  mulHighS: int.multiplyHigh('s', 's'),
  mulHighSU: int.multiplyHigh('s', 'u'),
  divU: int.divideUnsigned('quotient'),
  divS: int.divideSigned,
  remU: int.divideUnsigned('remainder'),
  remS: int.remainderSigned,
  and: int.bitwise('and'),
  or: int.bitwise('or'),
  xor: int.bitwise('xor'),
  shl: int.shift('shl'),
  shrU: int.shift('shr_u'),
  shrS: int.shift('shr_s'),
  rotl: int.rotate('rotl'),
  rotr: int.rotate('rotr'),
  clz: int.countLeadingZeros,
  ctz: int.countTrailingZeros,
  popcount: int.countOnes,
  byteSwap: int.swapBytes,
  eq: int.compare('eq'),
  ne: int.compare('ne'),
  ltU: int.compare('lt_u'),
  leU: int.compare('le_u'),
  ltS: int.compare('lt_s'),
  leS: int.compare('le_s'),
  select: convert.select,
  zext: convert.zeroExtend,
  sext: convert.signExtend,
  trunc: convert.truncate,
  bitcast: convert.reinterpret,
  extract: convert.extract,
  concat: convert.concatenate,
  laneExtract: unsupported,
  laneInsert: unsupported,

  fadd: float(arithmetic.sum('add')),
  fsub: float(arithmetic.sum('sub')),
  fmul: float(arithmetic.product('mul')),
  fdiv: float(arithmetic.product('div')),
  fsqrt: float(arithmetic.product('sqrt')),
  fma: float(arithmetic.fused),
  fmin: float(ieee.extremum('min')),
  fmax: float(ieee.extremum('max')),
  feqQuiet: float(ieee.comparison('eq')),
  fltQuiet: float(ieee.comparison('lt')),
  fleQuiet: float(ieee.comparison('le')),
  fltSignaling: float(ieee.comparison('lt')),
  fleSignaling: float(ieee.comparison('le')),
  floatToIntS: float(ieee.toInteger('s')),
  floatToIntU: float(ieee.toInteger('u')),
  intToFloatS: float(ieee.fromInteger('s')),
  intToFloatU: float(ieee.fromInteger('u')),
  floatToFloat: float(ieee.betweenFormats),
  fpFlags: flagsOf,
  raise: raise,

  const: state.constantValue,
  pc: unsupported, // The region knows the address.
  read: state.readSlot,
  write: state.writeSlot,
  counter: state.counter,

  load: memory.load,
  store: memory.store,
  storeIf: memory.storeIf,
  rmw: memory.readModifyWrite,
  compareExchange: memory.compareExchange,
  fence: state.nothing,

  instruction: state.nothing,
  trapIf: state.trapIf,
  trap: state.trap,
  jump: state.jump,
  branch: state.branch,
  next: state.goOn,
  syscall: state.systemCall,
  fenceInstruction: state.goOn,
};

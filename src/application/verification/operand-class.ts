import type { Input } from './generators/inputs.ts';

/** Names the class that an operand's value falls into, for the coverage map. */

const top = 1n << 63n;

export function operandClass(input: Input, view: DataView): string {
  const { offset, type } = input.slot;
  switch (input.kind) {
    case 'flags':
      return view.getUint32(offset, true) === 0 ? 'flags clear' : 'flags set';
    case 'mode':
      return `rounding mode ${view.getUint8(offset)}`;
    case 'constant':
      return 'of the code’s choice';
    case 'integer':
      return integerClass(view.getUint32(offset, true), view.getInt32(offset + 4, true));
    case 'float':
      return floatClass(view.getUint32(offset, true), view.getUint32(offset + 4, true), input.precision);
    case 'target':
      return view.getUint8(offset) & 1 ? 'odd target' : 'even target';
    case 'address':
      return addressClass(BigInt.asUintN(64, view.getBigUint64(offset, true) + input.offset), input.size);
    case 'reservation':
      return type === 'i64' && view.getBigUint64(offset, true) === top * 2n - 1n
        ? 'not reserved'
        : 'reserved';
  }
}

function integerClass(low: number, high: number): string {
  if (high === 0) {
    if (low <= 1) return low === 0 ? 'zero' : 'one';
    if (low < 64) return 'small';
    if (low === 0x7fff_ffff) return 'greatest of 32 bits';
    return low < 0x7fff_ffff ? 'positive, 32 bits' : 'unsigned, 32 bits';
  }
  if (high === -1) {
    if (low === 0xffff_ffff) return 'minus one';
    if (low === 0x8000_0000) return 'least of 32 bits';
    if (low > 0x8000_0000) return 'negative, 32 bits';
  }
  if (high === 0x7fff_ffff && low === 0xffff_ffff) return 'greatest of 64 bits';
  if (high === -0x8000_0000 && low === 0) return 'least of 64 bits';
  return high < 0 ? 'negative' : 'positive';
}

function floatClass(low: number, high: number, precision: 'single' | 'double'): string {
  const boxed = high === 0xffff_ffff;
  if (precision === 'single') {
    if (!boxed) return 'not boxed';
    return classOf((low >>> 23) & 0xff, 0xff, (low & 0x7f_ffff) === 0, (low & 0x40_0000) !== 0);
  }
  const fraction = high & 0xf_ffff;
  return classOf((high >>> 20) & 0x7ff, 0x7ff, fraction === 0 && low === 0, (high & 0x8_0000) !== 0);
}

function classOf(exponent: number, greatest: number, isZero: boolean, quiet: boolean): string {
  if (exponent === 0) return isZero ? 'zero' : 'subnormal';
  if (exponent < greatest) return 'normal';
  if (isZero) return 'infinite';
  return quiet ? 'quiet NaN' : 'signalling NaN';
}

function addressClass(address: bigint, size: number): string {
  const within = Number(address & 0xfffn);
  if (within + size > 0x1000) return 'across pages';
  return within % size === 0 ? 'aligned' : 'misaligned';
}

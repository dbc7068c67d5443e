/** The IR's value types. Every value is a bit pattern; f32/f64 are IEEE 754 patterns, v128 is sixteen bytes, lane 0 lowest. */
export type IntType = 'i1' | 'i8' | 'i16' | 'i32' | 'i64' | 'i128';
export type FloatType = 'f32' | 'f64';
export type IrType = IntType | FloatType | 'v128';

export const widths = {
  i1: 1,
  i8: 8,
  i16: 16,
  i32: 32,
  i64: 64,
  i128: 128,
  f32: 32,
  f64: 64,
  v128: 128,
} as const satisfies Record<IrType, number>;

export const isInt = (type: IrType): type is IntType => type.startsWith('i');
export const isFloat = (type: IrType): type is FloatType => type === 'f32' || type === 'f64';

/** The integer type of a width in bits. Throws RangeError for a width without a type. */
export function intOfWidth(width: number): IntType {
  const type = `i${width}`;
  if (!(type in widths)) throw new RangeError(`no integer type of ${width} bits`);
  return type as IntType;
}

/** One named piece of guest CPU state. `offset` is its byte position in the vCPU's state block. */
export interface Slot<T extends IrType = IrType> {
  readonly name: string;
  readonly type: T;
  readonly offset: number;
}

/**
 * How an ISA's vCPU state lies in memory: `size` bytes, little-endian slots. `pc` is the program counter;
 * `fpExceptions` accumulates raised IEEE exceptions in the order of {@link fpException}.
 */
export interface StateLayout {
  readonly slots: ReadonlyMap<string, Slot>;
  readonly size: number;
  readonly pc: Slot<'i64'>;
  readonly fpExceptions: Slot<'i32'>;
}

/** IEEE 754 exceptions, as bits of the `fpExceptions` slot (RISC-V's fflags order; bit 5 is x86's denormal operand). */
export const fpException = { inexact: 1, underflow: 2, overflow: 4, divideByZero: 8, invalid: 16 } as const;

/** Rounding modes, as values of an i8 operand (RISC-V's frm numbering). */
export const rounding = { nearestEven: 0, towardZero: 1, down: 2, up: 3, nearestAway: 4 } as const;

/** Lays slots out in the order given, each aligned to its size (i1 takes a byte). */
export function layoutState(
  slots: readonly (readonly [name: string, type: IrType])[],
  roles: { readonly pc: string; readonly fpExceptions: string },
): StateLayout {
  const laid = new Map<string, Slot>();
  let offset = 0;
  for (const [name, type] of slots) {
    const size = Math.max(1, widths[type] / 8);
    offset = Math.ceil(offset / size) * size;
    if (laid.has(name)) throw new TypeError(`state slot ${name} is defined twice`);
    laid.set(name, { name, type, offset });
    offset += size;
  }
  const pc = laid.get(roles.pc);
  const fpExceptions = laid.get(roles.fpExceptions);
  if (pc?.type !== 'i64' || fpExceptions?.type !== 'i32')
    throw new TypeError('a state layout needs an i64 pc and an i32 fpExceptions slot');
  return {
    slots: laid,
    size: Math.ceil(offset / 16) * 16,
    pc: pc as Slot<'i64'>,
    fpExceptions: fpExceptions as Slot<'i32'>,
  };
}

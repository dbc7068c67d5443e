import type { AssemblyDialect } from './assembly-dialect.ts';
import { evaluateExpression, type Scope } from './assembly-expression.ts';
import { type Operand, quotedBytes, SourceFault, type Statement } from './assembly-source.ts';

/** What a directive puts at its address: a size known at once, and bytes once all symbols are. */
export interface Directive {
  readonly size: number;
  bytes(scope: Scope): Uint8Array;
}

/** What directives may do while addresses are being assigned. */
export interface Layout {
  readonly scope: Scope;
  readonly dialect: AssemblyDialect;
  /** Bytes that may still be produced. */
  readonly room: number;
  define(name: Operand, value: bigint): void;
}

type Handler = (statement: Statement, layout: Layout) => Directive;

const nothing: Directive = { size: 0, bytes: () => new Uint8Array(0) };

/** Integers of `size` bytes, little-endian; negative ones wrap, others must fit. */
const integers =
  (size: number): Handler =>
  ({ operands }) => ({
    size: operands.length * size,
    bytes: (scope) =>
      Uint8Array.from(
        operands.flatMap((operand, index) => {
          const value = evaluateExpression(operand, { ...scope, here: scope.here + BigInt(index * size) });
          const width = BigInt(size * 8);
          if (value >= 1n << width || value < -(1n << (width - 1n)))
            throw new SourceFault(operand, `${value} does not fit in ${size} bytes: use a wider directive`);
          return Array.from({ length: size }, (_, byte) => Number((value >> BigInt(8 * byte)) & 0xffn));
        }),
      ),
  });

const floats =
  (size: 4 | 8): Handler =>
  ({ operands }) => {
    const view = new DataView(new ArrayBuffer(operands.length * size));
    for (const [index, operand] of operands.entries()) {
      const value = operand.text.toLowerCase().replace(/^([-+]?)inf(inity)?$/, '$1Infinity');
      if (value !== 'nan' && (value === '' || Number.isNaN(Number(value))))
        throw new SourceFault(
          operand,
          `expected a decimal number, inf or nan, not ${operand.text || 'nothing'}`,
        );
      if (size === 4) view.setFloat32(index * 4, Number(value), true);
      else view.setFloat64(index * 8, Number(value), true);
    }
    return { size: view.byteLength, bytes: () => new Uint8Array(view.buffer) };
  };

const strings =
  (terminated: boolean): Handler =>
  ({ operands }) => {
    const bytes = operands.flatMap((operand) => [...quotedBytes(operand), ...(terminated ? [0] : [])]);
    return { size: bytes.length, bytes: () => Uint8Array.from(bytes) };
  };

const align =
  (bytesOf: (value: bigint) => bigint): Handler =>
  (statement, layout) => {
    const [operand] = exactly(statement, 1);
    const value = evaluateExpression(operand!, layout.scope);
    const unit = value >= 0n && value <= 1n << 20n ? bytesOf(value) : 0n;
    if (unit < 1n || unit > 1n << 20n || (unit & (unit - 1n)) !== 0n)
      throw new SourceFault(
        operand!,
        `cannot align to ${value}: the alignment must be a power of two up to 1 MiB`,
      );
    const { here } = layout.scope;
    const length = Number((unit - (here % unit)) % unit);
    return { size: length, bytes: () => layout.dialect.padding(here, length) };
  };

const fill: Handler = (statement, layout) => {
  const [count, value] = statement.operands;
  if (!count || statement.operands.length > 2)
    throw new SourceFault(statement, `${statement.head} takes a number of bytes and perhaps their value`);
  const length = evaluateExpression(count, layout.scope);
  return filled(count, length, value ? evaluateExpression(value, layout.scope) : 0n, layout);
};

function filled(place: Operand, length: bigint, value: bigint, layout: Layout): Directive {
  if (length < 0n) throw new SourceFault(place, `cannot go back by ${-length} bytes`);
  if (length > BigInt(layout.room))
    throw new SourceFault(place, `${length} bytes are too many: only ${layout.room} are left`);
  return {
    size: Number(length),
    bytes: () => new Uint8Array(Number(length)).fill(Number(BigInt.asUintN(8, value))),
  };
}

const org: Handler = (statement, layout) => {
  const [operand] = exactly(statement, 1);
  const target = evaluateExpression(operand!, layout.scope);
  return filled(operand!, target - layout.scope.here, 0n, layout);
};

const define: Handler = (statement, layout) => {
  const [name, value] = exactly(statement, 2);
  if (!/^[A-Za-z_.$][\w.$]*$/.test(name!.text))
    throw new SourceFault(name!, `${name!.text} cannot be a symbol's name`);
  layout.define(name!, evaluateExpression(value!, layout.scope));
  return nothing;
};

function exactly(statement: Statement, count: number): readonly Operand[] {
  if (statement.operands.length !== count)
    throw new SourceFault(
      statement,
      `${statement.head} takes ${count} operand${count === 1 ? '' : 's'}, not ${statement.operands.length}`,
    );
  return statement.operands;
}

/** Every directive. Those that only matter to a linker (`.globl`) are accepted: every symbol is in the result. */
export const directives: Readonly<Record<string, Handler>> = {
  '.byte': integers(1),
  '.half': integers(2),
  '.short': integers(2),
  '.2byte': integers(2),
  '.word': integers(4),
  '.4byte': integers(4),
  '.dword': integers(8),
  '.quad': integers(8),
  '.8byte': integers(8),
  '.float': floats(4),
  '.double': floats(8),
  '.ascii': strings(false),
  '.asciz': strings(true),
  '.string': strings(true),
  '.align': align((value) => 1n << (value > 20n ? 21n : value)),
  '.p2align': align((value) => 1n << (value > 20n ? 21n : value)),
  '.balign': align((value) => value),
  '.zero': fill,
  '.space': fill,
  '.skip': fill,
  '.org': org,
  '.equ': define,
  '.set': define,
  '.globl': () => nothing,
  '.global': () => nothing,
};

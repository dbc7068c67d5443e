import { opOf, type OpName } from '../../../domain/ir/ops.ts';
import { type IrType, widths } from '../../../domain/ir/types.ts';
import { control } from '../memory/control-memory.ts';
import { quickConversion } from './float-conversion.ts';
import { quickFloat, raisedExceptions } from './float-runtime.ts';

const patterns = (value: bigint | number, type: IrType): bigint =>
  BigInt.asUintN(widths[type], BigInt(value));

/**
 * The import that evaluates a float op exactly, by error-free transformations where they answer and else by the op
 * table's own evaluator: patterns in, pattern out, exceptions into the control word. `name` is what the lowering
 * made: `float op argument-types result-type`.
 */
export function exactFloatImport(
  name: string,
  controlMemory: WebAssembly.Memory,
): CallableFunction | undefined {
  const [kind, op, ...types] = name.split(' ');
  if (kind !== 'float' || op === undefined) return undefined;
  const type = types.pop() as IrType;
  const argTypes = types as IrType[];
  const evaluate = opOf(op as OpName).evaluateFloat;
  if (!evaluate) throw new TypeError(`${op} is not a float op`);
  const words = new Int32Array(controlMemory.buffer);
  const site = { type, attr: undefined };
  const asWasm =
    widths[type] === 64 ? (bits: bigint) => BigInt.asIntN(64, bits) : (bits: bigint) => Number(bits) | 0;
  const quick = quickFloat(op as OpName, type) ?? quickConversion(op as OpName, argTypes[0]!, type);
  return (...args: (bigint | number)[]) => {
    const answer = quick?.(args);
    if (answer !== undefined) {
      words[control.flags >> 2] = raisedExceptions();
      return answer;
    }
    const rounded = evaluate(
      args.map((value, position) => patterns(value, argTypes[position]!)),
      site,
      argTypes,
    );
    words[control.flags >> 2] = rounded.flags;
    return asWasm(rounded.bits);
  };
}

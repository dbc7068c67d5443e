import type { Node } from '../node.ts';
import { opOf } from '../ops.ts';
import { type IrType, widths } from '../types.ts';

const constantOf = (node: Node): bigint | undefined => (node.op === 'const' ? node.attr.value : undefined);

/** The arguments' values when all are constants. */
function constants(args: readonly Node[]): bigint[] | undefined {
  const values: bigint[] = [];
  for (const argument of args) {
    const value = constantOf(argument);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values.length === 0 ? undefined : values;
}

/** The value of an operation on constants, by the op table; undefined for any other. */
export function foldedValue(node: Node): bigint | undefined {
  if (node.args.length === 0 || (node.args[0] as Node).op !== 'const') return undefined;
  const { evaluate } = opOf(node.op);
  const values = evaluate && constants(node.args as readonly Node[]);
  if (!values) return undefined;
  const types = node.args.map((argument) => argument.type);
  return evaluate(values, widths[node.type as IrType], node, types);
}

/** The value and exceptions of a float operation on constants. */
export function foldedFloat(node: Node): { readonly bits: bigint; readonly flags: number } | undefined {
  const { evaluateFloat } = opOf(node.op);
  const values = evaluateFloat && constants(node.args as readonly Node[]);
  if (!values) return undefined;
  return evaluateFloat(
    values,
    node,
    node.args.map((argument) => argument.type),
  );
}

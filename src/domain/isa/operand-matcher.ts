import type { Hole, OperandTemplate } from './assembly-template.ts';
import { evaluateExpression, type Scope } from './assembly-expression.ts';
import { type Operand, SourceFault } from './assembly-source.ts';
import type { BitField, Fields } from './pattern.ts';
import { rangeOf, stepOf } from './encoder.ts';

/** A template's holes with the source text that fills them. */
export type Bindings = readonly (readonly [hole: Hole, operand: Operand])[];

/** Fits operands to an operand template by shape alone; undefined when the shape or the number differs. */
export function bindOperands(
  templates: readonly OperandTemplate[],
  operands: readonly Operand[],
): Bindings | undefined {
  const required = templates.filter(({ optional }) => !optional).length;
  if (operands.length < required || operands.length > templates.length) return undefined;
  const bound: (readonly [Hole, Operand])[] = [];
  for (const [index, operand] of operands.entries()) {
    const fitted = bindOperand(templates[index]!, operand);
    if (!fitted) return undefined;
    bound.push(...fitted);
  }
  return bound;
}

function bindOperand({ parts }: OperandTemplate, operand: Operand): Bindings | undefined {
  const holes = parts.filter((part) => typeof part !== 'string');
  // A plain hole takes anything that does not look like offset(register): other forms of the mnemonic may.
  if (holes.length === parts.length && parts.length === 1)
    return holes[0]!.syntax.expression || !operand.text.includes('(') ? [[holes[0]!, operand]] : undefined;
  const pattern = parts
    .map((part) => (typeof part === 'string' ? part.replace(/[()]/g, '\\s*\\$&\\s*') : '(.*)'))
    .join('');
  // `(a0)` may be written `0(a0)`.
  const match = new RegExp(`^${pattern.startsWith('\\s*\\(') ? '0?' : ''}${pattern}$`, 'd').exec(
    operand.text,
  );
  if (!match) return undefined;
  return holes.map((hole, index) => [
    hole,
    {
      line: operand.line,
      column: operand.column + match.indices![index + 1]![0],
      text: match[index + 1]!.trim() || '0',
    },
  ]);
}

/** The value of each bound hole, checked against its field's range. Throws SourceFault, saying what would fit. */
export function fieldValues(bindings: Bindings, fields: readonly BitField[], scope: Scope): Fields {
  const values: Record<string, number> = {};
  for (const [hole, operand] of bindings) {
    const field = fields.find(({ name }) => name === hole.field)!;
    const known = hole.relative ? undefined : hole.syntax.parse(operand.text);
    if (known === undefined && !hole.syntax.expression)
      throw new SourceFault(operand, `expected ${hole.syntax.what}, not ${operand.text}`);
    values[hole.field] = inRange(hole, field, operand, known ?? expressionValue(hole, operand, scope));
  }
  return values;
}

function expressionValue(hole: Hole, operand: Operand, scope: Scope): bigint {
  const value = evaluateExpression(operand, scope);
  // Addresses wrap, so a target beyond either end of the address space is near the other end.
  if (hole.relative) return BigInt.asIntN(64, value - scope.here);
  return hole.syntax.scale ? hole.syntax.scale(value) : value;
}

function inRange(hole: Hole, field: BitField, operand: Operand, value: bigint | number): number {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  if (value >= lowest && value <= highest && Number(value) % step === 0) return Number(value);
  if (!hole.syntax.expression || field.bias !== 0)
    throw new SourceFault(
      operand,
      `${operand.text} cannot be used here: ${hole.syntax.what} ${lowest}…${highest} only`,
    );
  const what = hole.relative ? `the target is ${value} bytes away; it must be` : `${value} does not fit; use`;
  const multiple = step > 1 ? ` in steps of ${step}` : '';
  throw new SourceFault(operand, `${what} ${lowest}…${highest}${multiple}`);
}

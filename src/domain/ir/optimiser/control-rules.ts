import type { Node } from '../node.ts';
import type { Operand } from './rewriter.ts';

const isConstant = (node: Node, value: bigint): boolean => node.op === 'const' && node.attr.value === value;

/**
 * What an op with an effect becomes when its condition is known, or is the opposite of a simpler one. `same`: the op
 * with these arguments.
 */
export function resolveEffect(node: Node, args: readonly Operand[]): Node | 'same' | 'nothing' {
  const [condition] = args;
  switch (node.op) {
    case 'trapIf':
      return isConstant(condition!, 0n) ? 'nothing' : 'same';
    case 'storeIf':
      if (isConstant(condition!, 0n)) return 'nothing';
      if (isConstant(condition!, 1n)) return { ...node, op: 'store', args: args.slice(1) };
      return 'same';
    case 'branch': {
      const [, taken, otherwise] = args;
      const jumpTo = (target: Operand): Node => ({
        ...node,
        op: 'jump',
        args: [target],
        attr: { hint: 'none' },
      });
      if (isConstant(condition!, 1n) || taken === otherwise) return jumpTo(taken!);
      if (isConstant(condition!, 0n)) return jumpTo(otherwise!);
      if (condition?.op === 'xor' && isConstant(condition.args[1] as Operand, 1n))
        return { ...node, args: [condition.args[0]!, otherwise!, taken!] };
      return 'same';
    }
    default:
      return 'same';
  }
}

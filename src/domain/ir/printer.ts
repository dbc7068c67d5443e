import { hex } from '../shared/bits.ts';
import type { Access, IrBlock, Node } from './node.ts';

/** Prints a block, one node a line: `%3 = add i64 %1, %2`. Offsets are from the block's first instruction. */
export const printBlock = (block: IrBlock): string => block.nodes.map(printNode).join('\n');

export function printNode(node: Node): string {
  if (node.op === 'instruction') return `; +${node.attr.offset} (${node.attr.length} bytes)`;
  const words = [node.op, ...(node.type === 'void' ? [] : [node.type]), ...attributes(node)];
  const args = node.args.map((argument) => `%${argument.id}`).join(', ');
  const text = [...words, ...(args === '' ? [] : [args])].join(' ');
  return node.type === 'void' ? `  ${text}` : `  %${node.id} = ${text}`;
}

function attributes(node: Node): readonly string[] {
  switch (node.op) {
    case 'const':
      return [hex(node.attr.value)];
    case 'pc':
      return [`+${node.attr.offset}`];
    case 'counter':
      return [node.attr.counter];
    case 'read':
    case 'write':
      return [node.attr.slot.name];
    case 'load':
    case 'store':
    case 'storeIf':
    case 'compareExchange':
      return access(node.attr);
    case 'rmw':
      return [node.attr.operation, ...access(node.attr)];
    case 'fence':
      return [node.attr.ordering];
    case 'extract':
      return [`lsb=${node.attr.lsb}`];
    case 'laneInsert':
      return [`lane=${node.attr.lane}`];
    case 'trap':
    case 'trapIf':
      return [node.attr.cause];
    case 'jump':
      return node.attr.hint === 'none' ? [] : [node.attr.hint];
    default:
      return [];
  }
}

const access = ({ endian, ordering, aligned }: Access): readonly string[] => [
  ...(endian === 'big' ? ['big-endian'] : []),
  ...(ordering === 'plain' ? [] : [ordering]),
  ...(aligned ? ['aligned'] : []),
];

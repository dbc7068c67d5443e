import type { IrBlock, Node } from './node.ts';
import { mayFault, opOf, raisesFlags } from './ops.ts';
import { isFloat, isInt, type IrType, widths } from './types.ts';

/**
 * Checks a block against the op table. Laws: arguments are defined before use and have the signature's types;
 * a terminator ends the block and stands nowhere else; within an instruction nothing that may fault follows a
 * write to guest state. Returns what is wrong, one line a fault; empty when the block is sound.
 */
export function verifyBlock(block: IrBlock): readonly string[] {
  const faults: string[] = [];
  let written = false;
  block.nodes.forEach((node, index) => {
    const complain = (what: string) => faults.push(`%${index} ${node.op}: ${what}`);
    if (node.id !== index) complain(`has id ${node.id}`);
    for (const fault of typeFaults(node, block)) complain(fault);
    const { effect } = opOf(node.op);
    if ((effect === 'terminator') !== (index === block.nodes.length - 1))
      complain(effect === 'terminator' ? 'terminator inside the block' : 'block ends without a terminator');
    if (effect === 'marker') written = false;
    if (mayFault(node.op) && written) complain('may fault after a write to guest state');
    if (effect === 'writes-state') written = true;
  });
  if (block.nodes[0]?.op !== 'instruction') faults.push('the block does not begin with an instruction');
  return faults;
}

function* typeFaults(node: Node, block: IrBlock): Generator<string> {
  const [parameters = '', result = ''] = opOf(node.op)
    .signature.split('->')
    .map((side) => side.trim());
  const expected = parameters === '' ? [] : parameters.split(' ');
  if (expected.length !== node.args.length)
    yield `takes ${expected.length} arguments, has ${node.args.length}`;
  const bound = new Map<string, IrType>();
  for (const [position, argument] of node.args.entries()) {
    if (argument.id >= node.id) yield `argument ${position} is not defined before it`;
    else if (block.nodes[argument.id]?.type !== argument.type)
      yield `argument ${position} is not of type ${argument.type}`;
    const fault = mismatch(expected[position] ?? '', argument.type, bound);
    if (fault) yield `argument ${position} ${fault}`;
  }
  const fault =
    node.type === 'void' ? (result === 'void' ? '' : 'gives nothing') : mismatch(result, node.type, bound);
  if (fault) yield `result ${fault}`;
  if (node.op === 'read' && node.attr.slot.type !== node.type)
    yield `slot ${node.attr.slot.name} is ${node.attr.slot.type}`;
  if (node.op === 'write' && node.attr.slot.type !== node.args[0]?.type)
    yield `slot ${node.attr.slot.name} is ${node.attr.slot.type}`;
  if ((node.op === 'raise' || node.op === 'fpFlags') && !raisesFlags(block.nodes[node.args[0]?.id ?? 0]!.op))
    yield 'argument is not a float op';
  yield* widthFaults(node);
}

function* widthFaults(node: Node): Generator<string> {
  const from = widths[node.args[0]?.type ?? 'i1'];
  const to = node.type === 'void' ? 0 : widths[node.type];
  if ((node.op === 'zext' || node.op === 'sext') && from >= to) yield `does not widen (${from} to ${to})`;
  if (node.op === 'trunc' && from <= to) yield `does not narrow (${from} to ${to})`;
  if (node.op === 'bitcast' && from !== to) yield `changes the width (${from} to ${to})`;
  if (node.op === 'extract' && node.attr.lsb + to > from) yield `reaches beyond bit ${from - 1}`;
  if (node.op === 'concat' && from + widths[node.args[1]!.type] !== to)
    yield 'has another width than its parts';
}

/** Checks `actual` against one letter or type name of a signature; letters bind at first sight. */
function mismatch(letter: string, actual: IrType, bound: Map<string, IrType>): string {
  if (letter.length > 1) return letter === actual ? '' : `is ${actual}, not ${letter}`;
  const before = bound.get(letter);
  if (before !== undefined) return before === actual ? '' : `is ${actual}, not ${before}`;
  bound.set(letter, actual);
  if ((letter === 'I' || letter === 'J') && !isInt(actual)) return `is ${actual}, not an integer`;
  if ((letter === 'F' || letter === 'G') && !isFloat(actual)) return `is ${actual}, not a float`;
  return '';
}

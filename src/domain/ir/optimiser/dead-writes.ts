import { mayFault, opOf } from '../ops.ts';
import type { Slot } from '../types.ts';
import type { Pass } from './pass.ts';
import { Rewriter } from './rewriter.ts';

/**
 * Dead guest-state writes: a write is left out when the slot is written again before anyone can look. State is looked
 * at by reads, wherever an instruction may fault, trap or leave (a fault is precise: state is that before its instruction,
 * so all earlier writes show), and by every terminator. `raise` reads and writes the slot of float exceptions.
 */
export const deadWrites: Pass = {
  name: 'dead-writes',
  summary: 'writes of guest state that are overwritten before anyone can look are left out',
  run(block, { mayLeave }) {
    const { nodes, layout } = block;
    const dead = new Set<number>();
    const overwritten = new Set<Slot>();
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at]!;
      if (node.op === 'write') {
        if (overwritten.has(node.attr.slot)) dead.add(at);
        else overwritten.add(node.attr.slot);
      } else if (node.op === 'raise') {
        if (overwritten.has(layout.fpExceptions)) dead.add(at);
      } else if (node.op === 'read') overwritten.delete(node.attr.slot);
      else if (mayFault(node.op) || mayLeave(node.op) || opOf(node.op).effect === 'terminator')
        overwritten.clear();
    }
    if (dead.size === 0) return block;
    const rewriter = new Rewriter(block);
    for (const node of nodes)
      if (dead.has(node.id)) rewriter.drop();
      else rewriter.keep(node);
    return rewriter.finish();
  },
};

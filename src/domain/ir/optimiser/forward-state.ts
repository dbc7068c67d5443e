import type { Node } from '../node.ts';
import type { Slot } from '../types.ts';
import type { Pass } from './pass.ts';
import { Rewriter } from './rewriter.ts';

/**
 * Guest-state forwarding: a read of a slot becomes the value last written or read in the block, and a write of the value
 * that the slot holds is left out. Slots do not overlap (`layoutState`); `raise` changes the slot of float exceptions.
 */
export const forwardState: Pass = {
  name: 'forward-state',
  summary: 'reads of guest state become the value last written or read',
  run(block) {
    const rewriter = new Rewriter(block);
    const held = new Map<Slot, Node>();
    for (const node of block.nodes) {
      if (node.op === 'read') {
        const value = held.get(node.attr.slot);
        if (value) rewriter.replace(node, value);
        else held.set(node.attr.slot, rewriter.keep(node));
        continue;
      }
      if (node.op === 'write') {
        const value = rewriter.at(node.args[0]!);
        if (held.get(node.attr.slot) === value) {
          rewriter.drop();
          continue;
        }
        held.set(node.attr.slot, value);
      }
      if (node.op === 'raise') held.delete(block.layout.fpExceptions);
      rewriter.keep(node);
    }
    return rewriter.finish();
  },
};

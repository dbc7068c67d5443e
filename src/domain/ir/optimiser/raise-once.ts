import type { Node } from '../node.ts';
import type { Pass } from './pass.ts';
import { Rewriter } from './rewriter.ts';

/** Exceptions accumulate, so raising those of one operation again does nothing unless the slot was written between. */
export const raiseOnce: Pass = {
  name: 'raise-once',
  summary: 'exceptions that one operation has already raised are not raised again',
  run(block) {
    const rewriter = new Rewriter(block);
    const raised = new Set<Node>();
    for (const node of block.nodes) {
      if (node.op === 'raise') {
        const operation = rewriter.at(node.args[0]!);
        if (raised.has(operation)) {
          rewriter.drop();
          continue;
        }
        raised.add(operation);
      } else if (node.op === 'write' && node.attr.slot === block.layout.fpExceptions) raised.clear();
      rewriter.keep(node);
    }
    return rewriter.finish();
  },
};

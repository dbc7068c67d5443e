import { type OpName, opOf } from '../ops.ts';
import type { Pass } from './pass.ts';
import { Rewriter } from './rewriter.ts';

/** An op that does nothing but compute. A load is none: it may fault. */
const onlyComputes = (op: OpName): boolean => {
  const { effect } = opOf(op);
  return effect === 'none' || effect === 'reads-state';
};

/** Dead code: what only computes a value that nothing uses is left out. */
export const deadCode: Pass = {
  name: 'dead-code',
  summary: 'values that nothing uses are not computed',
  run(block) {
    const { nodes } = block;
    const used = new Uint8Array(nodes.length);
    let unused = 0;
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at]!;
      if (used[at] === 0 && onlyComputes(node.op)) {
        unused++;
        continue;
      }
      used[at] = 1;
      for (const { id } of node.args) used[id] = 1;
    }
    if (unused === 0) return block;
    const rewriter = new Rewriter(block);
    for (const node of nodes)
      if (used[node.id] === 1) rewriter.keep(node);
      else rewriter.drop();
    return rewriter.finish();
  },
};

import type { IrBlock } from '../ir/node.ts';
import { raisesFlags } from '../ir/ops.ts';

/** What a basic block is made of, as far as it may tell whether the block gets hot. */
export interface BlockFeatures {
  readonly instructions: number;
  /** Instructions that load, store, or compute in floating point. */
  readonly loads: number;
  readonly stores: number;
  readonly floats: number;
  /** 1 when its last instruction can go to itself or before: the end of a loop. */
  readonly backward: 0 | 1;
  /** 1 when its last instruction calls; returns; goes to a computed address. */
  readonly calls: 0 | 1;
  readonly returns: 0 | 1;
  readonly indirect: 0 | 1;
}

const bit = (condition: boolean): 0 | 1 => (condition ? 1 : 0);

/** `instructions`: each as IR of its own, in order; at least one. */
export function blockFeatures(instructions: readonly IrBlock[]): BlockFeatures {
  const having = (condition: (node: IrBlock['nodes'][number]) => boolean): number =>
    instructions.filter(({ nodes }) => nodes.some(condition)).length;
  const { nodes } = instructions.at(-1)!;
  const last = nodes.at(-1)!;
  const hint = last.op === 'jump' ? last.attr.hint : 'none';
  const targets = last.op === 'branch' || last.op === 'jump' ? last.args.map(({ id }) => nodes[id]!) : [];
  const calls = hint === 'call' || hint === 'call-return';
  return {
    instructions: instructions.length,
    loads: having(({ op }) => op === 'load' || op === 'rmw' || op === 'compareExchange'),
    stores: having(
      ({ op }) => op === 'store' || op === 'storeIf' || op === 'rmw' || op === 'compareExchange',
    ),
    floats: having(({ op }) => raisesFlags(op)),
    backward: bit(!calls && targets.some((node) => node.op === 'pc' && node.attr.offset <= 0)),
    calls: bit(calls),
    returns: bit(hint === 'return'),
    indirect: bit(last.op === 'jump' && targets.every(({ op }) => op !== 'pc')),
  };
}

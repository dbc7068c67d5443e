import type { IrBlock } from '../../domain/ir/node.ts';
import {
  BlockEquivalence,
  type EquivalenceInputs,
  type TermPair,
} from '../../domain/ir/smt/block-equivalence.ts';
import { type BlockInput, differencesOn, inputOf } from '../../domain/ir/smt/block-input.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { Solver, SolverVerdict } from '../ports/solver.ts';

/** What is known of a claim. Never mixed: proved for all inputs, refuted by one, given up, out of time. */
export type ProofOutcome =
  /** `by`: a solver, or `equal terms` where both sides come to the same formula. */
  | { readonly kind: 'proved'; readonly by: string }
  | {
      readonly kind: 'refuted';
      readonly input: BlockInput;
      readonly differences: readonly DivergentField[];
    }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'timeout' };

/** The first attempt at the whole question; what takes longer is cut at the values that both blocks compute. */
const firstAttemptMs = 1500;
const pairMs = 1000;

/**
 * Proves that `other` means what `block` means, for all inputs, or finds one for which it does not. First with products and
 * quotients abstracted, then exactly. A counterexample counts only when the golden evaluator confirms it.
 */
export async function proveEquivalence(
  block: IrBlock,
  other: IrBlock,
  solver: Solver,
  timeoutMs: number,
): Promise<ProofOutcome> {
  const deadline = performance.now() + timeoutMs;
  const left = (): number => deadline - performance.now();
  for (const abstract of [true, false]) {
    const claim = new BlockEquivalence(block, other, { abstract });
    if (claim.holds) return { kind: 'proved', by: 'equal terms' };
    const { verdict, inputs } = await ask(claim, solver, left);
    if (verdict.kind === 'unsatisfiable') return { kind: 'proved', by: solver.name };
    if (verdict.kind === 'satisfiable') {
      const input = inputOf(inputs, verdict.values);
      const differences = differencesOn(block, other, input);
      if (differences.length > 0) return { kind: 'refuted', input, differences };
      if (!claim.abstracted)
        return { kind: 'unknown', reason: 'the solver’s counterexample is one of the abstraction' };
    } else if (!claim.abstracted || left() <= 0) return verdict;
  }
  return { kind: 'timeout' };
}

interface Answer {
  readonly verdict: SolverVerdict;
  readonly inputs: EquivalenceInputs;
}

async function ask(claim: BlockEquivalence, solver: Solver, left: () => number): Promise<Answer> {
  const whole = async (limitMs: number): Promise<Answer> => {
    const { script, inputs } = claim.question();
    const { slots, address, accesses, bytes } = inputs;
    const wanted = [
      address,
      ...slots.map(({ name }) => name),
      ...accesses.flatMap((access) => [access.address, access.faults]),
      ...bytes.flatMap((byte) => [byte.address, byte.value]),
    ];
    const values = [...new Set(wanted)].filter((name) => !name.startsWith('(') && !name.startsWith('#'));
    return { verdict: await solver.check({ script, values }, Math.max(1, limitMs)), inputs };
  };
  const first = await whole(Math.min(firstAttemptMs, left()));
  if (first.verdict.kind === 'unsatisfiable' || first.verdict.kind === 'satisfiable') return first;
  const hopeless = new Set<string>();
  for (let proved = await provedPairs(claim, solver, left, hopeless); proved.length > 0;) {
    claim.take(proved);
    if (claim.holds) return { ...first, verdict: { kind: 'unsatisfiable' } };
    proved = await provedPairs(claim, solver, left, hopeless);
  }
  return left() > 0 ? whole(left()) : first;
}

/** Those of the first place at which some are equal that a solver shows to be equal. `hopeless`: those it does not. */
async function provedPairs(
  claim: BlockEquivalence,
  solver: Solver,
  left: () => number,
  hopeless: Set<string>,
): Promise<readonly TermPair[]> {
  for (const group of claim.pairs()) {
    const proved: TermPair[] = [];
    for (const pair of group) {
      const key = pair.map(({ id }) => id).join();
      if (hopeless.has(key)) continue;
      if (left() <= 0) return proved;
      const differ = async (general: boolean): Promise<boolean> => {
        const query = { script: claim.questionOf(pair, general), values: [] };
        const { kind } = await solver.check(query, Math.max(1, Math.min(pairMs, left())));
        return kind !== 'unsatisfiable';
      };
      if (!(await differ(true)) || !(await differ(false))) proved.push(pair);
      else hopeless.add(key);
    }
    if (proved.length > 0) return proved;
  }
  return [];
}

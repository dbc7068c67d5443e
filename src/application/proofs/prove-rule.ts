import { termValue } from '../../domain/ir/optimiser/term-value.ts';
import { eq, num } from '../../domain/ir/optimiser/term.ts';
import { printRule } from '../../domain/ir/optimiser/rule-printer.ts';
import { instanceName, type Rule, typeIn, type Typing, typingsOf } from '../../domain/ir/optimiser/rule.ts';
import { refutationOf } from '../../domain/ir/smt/rule-formula.ts';
import { widths } from '../../domain/ir/types.ts';
import { hex } from '../../domain/shared/bits.ts';
import type { SolverVerdict } from '../ports/solver.ts';
import type { ProofEffort } from './prove-block.ts';
import type { Proof } from './proofs.ts';

/** Proves an optimiser rule, at each choice of types at which it applies. */
export async function* proveRule(rule: Rule, effort: ProofEffort): AsyncGenerator<Proof> {
  for (const typing of typingsOf(rule)) yield proveEquation(rule, typing, effort);
}

/** Whether the conditions admit powers of two only, which are few enough to be tried one by one. */
const aboutPowers = ({ name }: Rule): boolean => name.endsWith('-power-of-two');

async function proveEquation(rule: Rule, typing: Typing, effort: ProofEffort): Promise<Proof> {
  const started = performance.now();
  let verdict = await ask(rule, typing, effort);
  if (verdict.kind === 'timeout' && aboutPowers(rule)) verdict = await askByPowers(rule, typing, effort);
  const values = verdict.kind === 'satisfiable' ? verdict.values : undefined;
  return {
    claim: instanceName(rule, typing),
    subject: 'rule',
    status:
      verdict.kind === 'unsatisfiable' ? 'proved' : verdict.kind === 'satisfiable' ? 'refuted' : verdict.kind,
    by:
      verdict.kind === 'unsatisfiable'
        ? effort.solver.name
        : verdict.kind === 'unknown'
          ? verdict.reason
          : undefined,
    recalled: false,
    float: false,
    listing: [
      printRule(rule),
      ...(values ? [[...values].map(([name, value]) => `${name} = ${hex(value)}`).join(', ')] : []),
    ],
    case: undefined,
    differences: values
      ? [
          {
            field: 'value',
            expected: side(rule, typing, 'from', values),
            found: side(rule, typing, 'to', values),
          },
        ]
      : [],
    milliseconds: performance.now() - started,
  };
}

const ask = (rule: Rule, typing: Typing, { solver, timeoutMs }: ProofEffort): Promise<SolverVerdict> =>
  solver.check(refutationOf(rule, typing), timeoutMs);

/** The first answer that is no proof, or a proof. */
async function askByPowers(rule: Rule, typing: Typing, effort: ProofEffort): Promise<SolverVerdict> {
  const c = { kind: 'constant', name: 'c', type: 'I' } as const;
  for (let bit = 0; bit < widths[typeIn(typing, 'I')]; bit++) {
    const where = [...rule.where, eq(c, num(1n << BigInt(bit)))];
    const verdict = await ask({ ...rule, where }, typing, effort);
    if (verdict.kind !== 'unsatisfiable') return verdict;
  }
  return { kind: 'unsatisfiable' };
}

const side = (
  rule: Rule,
  typing: Typing,
  which: 'from' | 'to',
  values: ReadonlyMap<string, bigint>,
): string =>
  hex(
    termValue(
      rule[which],
      (type) => typeIn(typing, type),
      (name) => values.get(name) ?? 0n,
    ),
  );

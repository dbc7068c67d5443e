import type { SolverVerdict } from '../../src/application/ports/solver.ts';
import {
  instanceName,
  type Rule,
  typeIn,
  type Typing,
  typingsOf,
} from '../../src/domain/ir/optimiser/rule.ts';
import { eq, num, type Term, type TypeName } from '../../src/domain/ir/optimiser/term.ts';
import { termValue } from '../../src/domain/ir/optimiser/term-value.ts';
import { namesOf, refutationOf } from '../../src/domain/ir/smt/rule-formula.ts';
import { type IrType, widths } from '../../src/domain/ir/types.ts';
import type { Random } from '../../src/application/verification/generators/random.ts';
import { randomInteger } from './random-guest-code.ts';
import { solver, timeoutMs } from './solver-for-tests.ts';

/**
 * Evidence for an equation: a proof for all values, a proof case by case, or samples. What no solver answers in time is named
 * here: a rule about powers of two is then proved for each of them, any other is sampled.
 */
const byPowers: ReadonlySet<string> = new Set(
  ['mul', 'mulHighU', 'divU', 'divS', 'remU'].map((op) => `${op}-power-of-two at i64`),
);
const bySamples: ReadonlySet<string> = new Set(['rotl-chain at i64', 'rotr-chain at i64']);

/** The types at which a rule is proved whole, for each power of two, and only tested. */
export function evidenceFor(rule: Rule): Readonly<Record<'whole' | 'powers' | 'tested', readonly Typing[]>> {
  const typings = typingsOf(rule);
  const named = (names: ReadonlySet<string>) =>
    typings.filter((typing) => names.has(instanceName(rule, typing)));
  const [powers, tested] = [named(byPowers), named(bySamples)];
  return { whole: typings.filter((typing) => ![...powers, ...tested].includes(typing)), powers, tested };
}

export const proof = (rule: Rule, typing: Typing): Promise<SolverVerdict> =>
  solver.check(refutationOf(rule, typing), timeoutMs);

/** Proves the rule for each power of two that its constant `c` can be: its conditions admit no other. */
export async function proofByPowers(rule: Rule, typing: Typing): Promise<readonly SolverVerdict[]> {
  const c = { kind: 'constant', name: 'c', type: 'I' } as const;
  const verdicts: SolverVerdict[] = [];
  for (let k = 0; k < widths[typeIn(typing, 'I')]; k++) {
    const isPower = eq(c, num(1n << BigInt(k)));
    verdicts.push(await proof({ ...rule, where: [...rule.where, isPower] }, typing));
  }
  return verdicts;
}

type Values = ReadonlyMap<string, bigint>;

const valueAt = (term: Term, typing: Typing, values: Values): bigint =>
  termValue(
    term,
    (type: TypeName): IrType => typeIn(typing, type),
    (name) => values.get(name)!,
  );

export const conditionsHold = ({ where }: Rule, typing: Typing, values: Values): boolean =>
  where.every((condition) => valueAt(condition, typing, values) === 1n);

/** What is wrong with the rule at these values, or undefined: conditions that do not hold ask for nothing. */
export function violation(rule: Rule, typing: Typing, values: Values): string | undefined {
  if (!conditionsHold(rule, typing, values)) return undefined;
  const [left, right] = [valueAt(rule.from, typing, values), valueAt(rule.to, typing, values)];
  if (left === right) return undefined;
  const given = [...values].map(([name, each]) => `${name} = 0x${each.toString(16)}`).join(', ');
  return `${given}: 0x${left.toString(16)} became 0x${right.toString(16)}`;
}

/** Random values, many of them at the ends of their ranges. */
export function sample(rule: Rule, typing: Typing, random: Random): Values {
  return new Map(
    [...namesOf(rule.from, typing)].map(([name, type]) => [
      name,
      BigInt.asUintN(
        widths[type],
        random.chance(20) ? BigInt(random.below(widths[type])) : randomInteger(random),
      ),
    ]),
  );
}

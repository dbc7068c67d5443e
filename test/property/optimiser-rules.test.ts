import { afterAll, describe, expect, test } from '@jest/globals';
import { deadCode } from '../../src/domain/ir/optimiser/dead-code.ts';
import { instanceName, type Rule, rule, type Typing, typingsOf } from '../../src/domain/ir/optimiser/rule.ts';
import { ruleFamilies, rules } from '../../src/domain/ir/optimiser/rules.ts';
import { simplifyBy } from '../../src/domain/ir/optimiser/simplify.ts';
import { strictSurroundings } from '../../src/domain/ir/optimiser/pass.ts';
import {
  add,
  c,
  eq,
  ltU,
  num,
  popcount,
  shl,
  sub,
  type Term,
  widthOf,
  x,
  y,
} from '../../src/domain/ir/optimiser/term.ts';
import { printBlock } from '../../src/domain/ir/printer.ts';
import { verifyBlock } from '../../src/domain/ir/verifier.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { blockOf } from './rule-blocks.ts';
import { conditionsHold, evidenceFor, proof, proofByPowers, sample, violation } from './rule-evidence.ts';
import { solver } from './solver-for-tests.ts';

/**
 * Every rule of the optimiser, at every type at which it applies, for all values; what no solver answers in time is named in
 * rule-evidence.ts, and tested with a million samples.
 */
const samples = 1_000_000;
const proved = { kind: 'unsatisfiable' };

afterAll(() => solver.close());

const typesOf = (typings: readonly Typing[]): string =>
  typings.map((typing) => [...typing.values()].join('/') || 'its types').join(', ');

function evidenceOf(each: Rule) {
  const { whole, powers, tested } = evidenceFor(each);
  const says = [
    ...(whole.length > 0 ? [`proved at ${typesOf(whole)}`] : []),
    ...(powers.length > 0 ? [`proved for every power of two at ${typesOf(powers)}`] : []),
    ...(tested.length > 0 ? [`tested with ${samples} samples at ${typesOf(tested)}`] : []),
  ].join('; ');
  return { each, says, whole, powers, tested };
}

for (const [family, members] of Object.entries(ruleFamilies))
  describe(`rules of ${family}`, () => {
    test.each(members.map(evidenceOf))(
      '$each.name is $says',
      async ({ each, whole, powers, tested }) => {
        for (const typing of whole)
          expect([instanceName(each, typing), await proof(each, typing)]).toEqual([
            instanceName(each, typing),
            proved,
          ]);
        for (const typing of powers)
          for (const verdict of await proofByPowers(each, typing)) expect(verdict).toEqual(proved);
        for (const typing of tested) {
          const random = new Random(20_261_125);
          const wrong: string[] = [];
          for (let at = 0; at < samples && wrong.length === 0; at++) {
            const found = violation(each, typing, sample(each, typing, random));
            if (found !== undefined) wrong.push(found);
          }
          expect(wrong).toEqual([]);
        }
      },
      600_000,
    );
  });

describe('the evidence for rules', () => {
  const wrong: readonly Rule[] = [
    // The operands are swapped.
    rule('sub-is-not-symmetric', sub(x, y), sub(y, x)),
    // The condition admits c = w − 1 too, where the amount wraps.
    rule('double-is-not-shift', add(shl(x, c), shl(x, c)), shl(x, add(c, num(1))), {
      where: [ltU(c, widthOf('I'))],
    }),
    // Zero has no bits, yet is no power of two.
    rule('zero-is-no-power', add(x, c), x, { where: [eq(popcount(c), num(1))] }),
  ];

  test.each(
    wrong.flatMap((each) =>
      typingsOf(each).map((typing) => ({ name: instanceName(each, typing), each, typing })),
    ),
  )('refutes $name with values that show it', async ({ each, typing }) => {
    const verdict = await proof(each, typing);
    expect(verdict.kind).toBe('satisfiable');
    if (verdict.kind === 'satisfiable') expect(violation(each, typing, verdict.values)).toMatch(/became/);
  });

  test('finds a wrong rule by samples too', () => {
    const [each] = wrong;
    const random = new Random(1);
    const found = typingsOf(each!).map((typing) =>
      Array.from({ length: 100 }, () => violation(each!, typing, sample(each!, typing, random))).find(
        Boolean,
      ),
    );
    expect(found.every((what) => what?.includes('became'))).toBe(true);
  });
});

describe('the algebra', () => {
  test('has rules of different names that name in their result only what they have matched', () => {
    const names = (term: Term): string[] =>
      term.kind === 'any' || term.kind === 'constant'
        ? [term.name]
        : term.kind === 'operation'
          ? term.args.flatMap(names)
          : [];
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { name, from, to, where } of rules)
      expect([name, [to, ...where].flatMap(names).filter((each) => !names(from).includes(each))]).toEqual([
        name,
        [],
      ]);
  });

  test('rewrites what each rule is about to something sound that stays as it is', () => {
    const simplify = simplifyBy(rules);
    for (const each of rules)
      for (const typing of typingsOf(each)) {
        const block = blockOf(each.from, typing, fittingValues(each, typing));
        const name = instanceName(each, typing);
        expect([name, simplifyBy([each]).run(block, strictSurroundings) === block]).toEqual([name, false]);
        const simple = simplify.run(block, strictSurroundings);
        expect([name, verifyBlock(simple)]).toEqual([name, []]);
        const again = simplify.run(deadCode.run(simple, strictSurroundings), strictSurroundings);
        expect([name, printBlock(again)]).toEqual([
          name,
          printBlock(deadCode.run(simple, strictSurroundings)),
        ]);
      }
  });
});

/** Values at which the conditions of a rule hold. */
function fittingValues(each: Rule, typing: Typing): ReadonlyMap<string, bigint> {
  const random = new Random(7);
  for (let tries = 0; tries < 20_000; tries++) {
    const values = sample(each, typing, random);
    if (conditionsHold(each, typing, values)) return values;
  }
  throw new Error(`no values fit ${instanceName(each, typing)}`);
}

import { afterAll, expect, test } from '@jest/globals';
import { opOf, type OpName, ops } from '../../src/domain/ir/ops.ts';
import { literal, smtTermOf, smtTerms } from '../../src/domain/ir/smt/terms.ts';
import { type IrType, widths } from '../../src/domain/ir/types.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { randomInteger } from './random-guest-code.ts';
import { solver, timeoutMs } from './solver-for-tests.ts';

/** The SMT term of each op against its evaluator, on constants. */
afterAll(() => solver.close());

const integers = ['i1', 'i8', 'i16', 'i32', 'i64', 'i128'] as const;
const named: Readonly<Record<string, readonly IrType[]>> = {
  I: integers,
  J: integers,
  A: [...integers, 'f32', 'f64', 'v128'],
  B: [...integers, 'f32', 'f64', 'v128'],
};

interface Site {
  readonly args: readonly IrType[];
  readonly type: IrType;
  readonly attr: unknown;
}

/** Every way in which an op can stand in a block: types of its signature, and attributes. */
function sitesOf(op: OpName): readonly Site[] {
  const [parameters = '', result = ''] = opOf(op)
    .signature.split('->')
    .map((side) => side.trim());
  const letters = parameters.split(' ');
  const choices = [...new Set([...letters, result])].reduce<ReadonlyMap<string, IrType>[]>(
    (made, letter) =>
      made.flatMap((choice) =>
        (named[letter] ?? [letter as IrType]).map((type) => new Map([...choice, [letter, type]])),
      ),
    [new Map()],
  );
  return choices
    .map((choice) => ({
      args: letters.map((letter) => choice.get(letter)!),
      type: choice.get(result)!,
      attr: undefined,
    }))
    .filter((site) => isSound(op, site))
    .flatMap((site) => attributesOf(op, site).map((attr) => ({ ...site, attr })));
}

function isSound(op: OpName, { args, type }: Site): boolean {
  const [from, second] = args.map((each) => widths[each]);
  const to = widths[type];
  if (op === 'zext' || op === 'sext') return from! < to;
  if (op === 'trunc' || op === 'extract') return from! > to;
  if (op === 'bitcast') return from === to;
  if (op === 'concat') return from! + second! === to;
  if (op === 'byteSwap') return to >= 8;
  return !op.startsWith('lane') || (to >= 8 && (second ?? 8) >= 8);
}

function attributesOf(op: OpName, { args, type }: Site): readonly unknown[] {
  const free = widths[args[0]!] - widths[type];
  if (op === 'extract') return [{ lsb: 0 }, { lsb: free }, { lsb: free >> 1 }];
  const lanes = 128 / widths[args[1] ?? 'i8'];
  if (op === 'laneInsert') return [0, lanes - 1, lanes >> 1].map((lane) => ({ lane }));
  return [undefined];
}

test.each(Object.keys(smtTerms) as OpName[])('the term of %s is what the evaluator computes', async (op) => {
  const random = new Random(42);
  const wrong: string[] = [];
  for (const { args, type, attr } of sitesOf(op))
    for (let sample = 0; sample < 6; sample++) {
      const values = args.map((each) =>
        BigInt.asUintN(
          widths[each],
          random.chance(30)
            ? BigInt(random.below(3))
            : (randomInteger(random) << 64n) | randomInteger(random),
        ),
      );
      const expected = opOf(op).evaluate!(values, widths[type], { type, attr }, args);
      const term = smtTermOf(op)!(
        values.map((value, at) => literal(value, widths[args[at]!])),
        { width: widths[type], argWidths: args.map((each) => widths[each]), attr },
      );
      wrong.push(`(distinct ${term} ${literal(expected, widths[type])})`);
    }
  expect(wrong.length).toBeGreaterThan(0);
  const script = `(assert (or ${wrong.join('\n')}))`;
  expect(await solver.check({ script, values: [] }, timeoutMs)).toEqual({ kind: 'unsatisfiable' });
});

test('every integer op has a term, and what has none is a float op or has an effect', () => {
  const without = (Object.keys(ops) as OpName[]).filter((op) => !smtTermOf(op));
  expect(without.filter((op) => opOf(op).evaluate !== undefined)).toEqual([]);
});

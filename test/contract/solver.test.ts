import { afterAll, describe, expect, test } from '@jest/globals';
import type { Solver } from '../../src/application/ports/solver.ts';
import { findNativeSolver } from '../../src/infrastructure/solver/native-solver.ts';
import { WasmSolver } from '../../src/infrastructure/solver/wasm-solver.ts';

/** What every solver does. */
function describeSolver(title: string, solver: Solver): void {
  describe(title, () => {
    afterAll(() => solver.close());
    const words = '(declare-const x (_ BitVec 32))\n(declare-const y (_ BitVec 32))\n';
    const contradiction = { script: `${words}(assert (bvult x y))\n(assert (bvult y x))`, values: [] };
    /** Two factors of a product of two large primes: nothing that can be found in a moment. */
    const hard = {
      script:
        '(declare-const p (_ BitVec 128))\n(declare-const q (_ BitVec 128))\n' +
        '(assert (= (bvmul p q) (_ bv340282366920938460843936948965011886881 128)))\n' +
        '(assert (bvult (_ bv1 128) p))\n(assert (bvult p (_ bv18446744073709551616 128)))\n' +
        '(assert (bvult (_ bv1 128) q))\n(assert (bvult q (_ bv18446744073709551616 128)))',
      values: ['p'],
    };

    test('says that a contradiction has no model', async () => {
      expect(await solver.check(contradiction, 30_000)).toEqual({ kind: 'unsatisfiable' });
    });

    test('gives the values of a model', async () => {
      const script = `${words}(assert (= (bvadd x #x00000001) y))\n(assert (= y #x00000000))`;
      expect(await solver.check({ script, values: ['x', 'y'] }, 30_000)).toEqual({
        kind: 'satisfiable',
        values: new Map([
          ['x', 0xffff_ffffn],
          ['y', 0n],
        ]),
      });
    });

    test('forgets one question before the next', async () => {
      const questions = [contradiction, { script: `${words}(assert (bvult x y))`, values: [] }];
      const verdicts = await Promise.all(questions.map((question) => solver.check(question, 30_000)));
      expect(verdicts.map(({ kind }) => kind)).toEqual(['unsatisfiable', 'satisfiable']);
    });

    test('stops when time is up, and answers the next question', async () => {
      expect(await solver.check(hard, 300)).toEqual({ kind: 'timeout' });
      expect(await solver.check(contradiction, 30_000)).toEqual({ kind: 'unsatisfiable' });
    });

    test('refuses what it does not understand, and answers the next question', async () => {
      const nonsense = { script: '(assert (bvult x y))', values: [] };
      await expect(solver.check(nonsense, 30_000)).rejects.toMatchObject({ code: 'solver-failed' });
      expect(await solver.check(contradiction, 30_000)).toEqual({ kind: 'unsatisfiable' });
    });
  });
}

describeSolver('Z3 in WebAssembly', new WasmSolver());

const natives = ['z3', 'cvc5'].map((name) => ({ name, solver: findNativeSolver(name) }));
for (const { name, solver } of natives) {
  if (solver) describeSolver(solver.name, solver);
  else console.log(`skipped: ${name}, because it is not installed (Debian package ${name})`);
}
if (natives.every(({ solver }) => solver === undefined))
  test('a native solver is installed where it must be', () => {
    console.log(
      'skipped: native solver, because neither z3 nor cvc5 is installed (Debian packages of these names)',
    );
    expect(process.env['CI']).toBeUndefined();
  });

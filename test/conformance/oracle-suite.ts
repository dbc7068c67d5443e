import { describe, expect, test } from '@jest/globals';
import type { Oracle } from '../../src/application/ports/oracle.ts';
import { CoverageCounter } from '../../src/application/verification/coverage-counter.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { OracleRelation } from '../../src/application/verification/oracle-relation.ts';
import { unaskable } from '../../src/application/verification/oracle-samples.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';

/**
 * Every row on random states: the golden evaluator against an oracle, including fflags, memory and traps.
 * `ISOCHRON_SEED` and `ISOCHRON_STATES` (states per row; 40, and 200 in CI) choose.
 */
const seed = process.env['ISOCHRON_SEED'] ?? '20261124';
const perRow = Number(process.env['ISOCHRON_STATES'] ?? (process.env['CI'] ? 200 : 40));

export function describeOracle(oracle: Oracle): void {
  const title = `golden ≡ ${oracle.name}`;
  if (oracle.absent !== undefined) {
    test(`${title}: the oracle is installed where it must be`, () => {
      console.log(`skipped: ${title}, because ${oracle.absent}`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  const unasked = unaskable(riscv64, oracle);
  const rows = riscv64.rows.filter((row) => !unasked.includes(row));
  const relation = new OracleRelation(riscv64, goldenEngine, oracle);

  describe(title, () => {
    test(`${rows.length} rows on ${perRow} random states each, seed ${seed}`, () => {
      const coverage = new CoverageCounter();
      const results = rows.map((row) => relation.verify(row, new Random(seed, row.name), perRow, coverage));
      const known = results.reduce((sum, { knownDifferences }) => sum + knownDifferences, 0);
      console.log(
        `${title}: ${rows.length} of ${riscv64.rows.length} rows, ${known} known differences, seed ${seed}`,
      );
      expect(results.flatMap(({ counterexample }) => counterexample ?? [])).toEqual([]);
      expect(rows.filter((_, index) => results[index]!.cases < perRow).map(({ name }) => name)).toEqual([]);
    });

    test('the oracle still differs where the list says so', () => {
      const repaired = oracle.known.filter((difference) => !relation.shows(difference));
      if (oracle.knownFor.includes(oracle.name)) expect(repaired.map(({ why }) => why)).toEqual([]);
      else
        console.log(
          `${oracle.name} has repaired ${repaired.length} of ${oracle.known.length} known differences`,
        );
    });
  });
}

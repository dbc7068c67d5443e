import { describe, expect, test } from '@jest/globals';
import type { Oracle, OracleCase, OracleOutcome } from '../../src/application/ports/oracle.ts';
import type { Row } from '../../src/domain/isa/instruction.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { zba } from '../../src/domain/isa/riscv64/zba.ts';
import { zbb } from '../../src/domain/isa/riscv64/zbb.ts';
import { zbs } from '../../src/domain/isa/riscv64/zbs.ts';
import { zicond } from '../../src/domain/isa/riscv64/zicond.ts';
import { goldenStep } from './golden-step.ts';
import { Random, randomCase } from './random-case.ts';

/**
 * Every row on random states: the golden evaluator against an oracle, including fflags, memory and traps.
 * `ISOCHRON_SEED` and `ISOCHRON_STATES` (states per row; 40, and 200 in CI) choose.
 */
export interface KnownDifference {
  readonly row: RegExp;
  /** Why the oracle is wrong, with the manual's section. */
  readonly why: string;
  /** A case that shows it. */
  readonly example: OracleCase;
  applies(ours: OracleOutcome, theirs: OracleOutcome, asked: OracleCase): boolean;
}

const seed = BigInt(process.env['ISOCHRON_SEED'] ?? 20261124);
const perRow = Number(process.env['ISOCHRON_STATES'] ?? (process.env['CI'] ? 200 : 40));
const extensions: Readonly<Record<string, readonly Row[]>> = { zba, zbb, zbs, zicond };

/** Registers the tests. `knownSince`: the oracle's name for which each of `known` must still differ. */
export function describeOracle(oracle: Oracle, known: readonly KnownDifference[], knownSince: string): void {
  const title = `golden ≡ ${oracle.name}`;
  if (oracle.absent !== undefined) {
    test(`${title}: the oracle is installed where it must be`, () => {
      console.log(`skipped: ${title}, because ${oracle.absent}`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  // `ecall` would call the oracle's operating system.
  const notAsked = ['ecall', ...oracle.lacks.flatMap((name) => extensions[name]!.map((row) => row.name))];
  const rows = riscv64.rows.filter((row) => !notAsked.includes(row.name));

  describe(title, () => {
    test(`${rows.length} rows on ${perRow} random states each, seed ${seed}`, () => {
      const results = rows.map((row) => compareRow(oracle, row, known));
      const sum = (count: (result: Comparison) => number) =>
        results.reduce((total, result) => total + count(result), 0);
      console.log(
        `${title}: ${rows.length} rows, ${sum(({ compared }) => compared)} states ` +
          `(${sum(({ trapped }) => trapped)} trapped), seed ${seed}; not asked: ${notAsked.join(', ')}`,
      );
      expect(results.flatMap((result) => result.wrong.slice(0, 2))).toEqual([]);
      expect(results.filter((result) => result.compared < perRow).length).toBe(0);
    });

    test('the oracle still differs where the list says so', () => {
      const repaired = known.filter(({ example, applies }) => {
        const ours = goldenStep(example, oracle);
        const [theirs] = oracle.run([example]);
        return differences(oracle, ours, theirs!).length === 0 || !applies(ours, theirs!, example);
      });
      if (oracle.name === knownSince) expect(repaired.map(({ why }) => why)).toEqual([]);
      else console.log(`${oracle.name} has repaired ${repaired.length} of ${known.length} known differences`);
    });
  });
}

interface Comparison {
  readonly compared: number;
  readonly trapped: number;
  readonly wrong: readonly string[];
}

function compareRow(oracle: Oracle, row: Row, known: readonly KnownDifference[]): Comparison {
  const random = new Random(seed ^ BigInt(`0x${Buffer.from(row.name).toString('hex')}`));
  const cases: OracleCase[] = [];
  for (let tries = 0; cases.length < perRow && tries < perRow * 20; tries++) {
    const next = randomCase(random, row, oracle);
    if (next) cases.push(next);
  }
  const theirs = oracle.run(cases);
  const wrong = cases.flatMap((each, index) => {
    const ours = goldenStep(each, oracle);
    const found = differences(oracle, ours, theirs[index]!);
    const isKnown = known.some(
      (difference) => difference.row.test(row.name) && difference.applies(ours, theirs[index]!, each),
    );
    return found.length === 0 || isKnown ? [] : [`${row.name}: ${found.join('; ')}\n  ${show(each)}`];
  });
  return { compared: cases.length, trapped: theirs.filter(({ kind }) => kind === 'trapped').length, wrong };
}

function differences(oracle: Oracle, ours: OracleOutcome, theirs: OracleOutcome): string[] {
  if (ours.kind !== theirs.kind || ours.signal !== theirs.signal)
    return [`outcome: ours ${ours.kind} ${ours.signal ?? ''}, oracle ${theirs.kind} ${theirs.signal ?? ''}`];
  const found: string[] = [];
  for (const [slot, value] of theirs.state) {
    const own = ours.state.get(slot) ?? 0n;
    if (!oracle.reservedSlots.includes(slot) && own !== value)
      found.push(`${slot}: ours 0x${own.toString(16)}, oracle 0x${value.toString(16)}`);
  }
  if (Buffer.compare(ours.memory, theirs.memory) !== 0) found.push('memory differs');
  return found;
}

function show({ code, state }: OracleCase): string {
  const slots = [...state].map(([slot, value]) => `${slot}=0x${value.toString(16)}`);
  return `[${Buffer.from(code).toString('hex')}] ${slots.join(' ')}`;
}

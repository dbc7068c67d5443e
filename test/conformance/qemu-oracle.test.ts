import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { OracleCase, OracleOutcome } from '../../src/application/ports/oracle.ts';
import type { Row } from '../../src/domain/isa/instruction.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { zicond } from '../../src/domain/isa/riscv64/zicond.ts';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { goldenStep } from './golden-step.ts';
import { Random, randomCase } from './random-case.ts';

/** Every row on random states: the golden evaluator against qemu-user, including fflags. `ISOCHRON_SEED`, `ISOCHRON_STATES` choose. */

const runner = fileURLToPath(new URL('../guests/bin/instruction-runner', import.meta.url));
const oracle = qemuUserOracle(runner);
const seed = BigInt(process.env['ISOCHRON_SEED'] ?? 20261124);
const perRow = Number(process.env['ISOCHRON_STATES'] ?? (process.env['CI'] ? 200 : 40));

/** `ecall` would call the oracle's operating system. */
const notAsked = new Set([
  'ecall',
  ...(oracle.lacks.includes('zicond') ? zicond.map((row) => row.name) : []),
]);

/** Differences that are the oracle's own, with the reason. */
const knownDifferences: readonly {
  readonly row: RegExp;
  readonly why: string;
  readonly example: OracleCase;
  readonly applies: (ours: OracleOutcome, theirs: OracleOutcome) => boolean;
}[] = [
  {
    row: /^ctzw$/,
    why: 'qemu 7.2 counts on into the high word where the low word is zero; the manual gives 32 (unpriv 28.5 ctzw)',
    example: {
      code: Uint8Array.from([0x9b, 0x12, 0x13, 0x60]),
      state: new Map([
        ['x6', 1n << 63n],
        ['pc', oracle.codeAddress],
      ]),
      memory: new Uint8Array(oracle.memorySize),
    },
    applies: (ours, theirs) =>
      [...theirs.state].every(
        ([slot, value]) =>
          (ours.state.get(slot) ?? 0n) === value || (ours.state.get(slot) === 32n && value > 32n),
      ),
  },
];

function differences(ours: OracleOutcome, theirs: OracleOutcome): string[] {
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

const show = ({ code, state }: OracleCase) =>
  `[${Buffer.from(code).toString('hex')}] ${[...state].map(([slot, value]) => `${slot}=0x${value.toString(16)}`).join(' ')}`;

function check(row: Row): {
  readonly compared: number;
  readonly trapped: number;
  readonly wrong: readonly string[];
} {
  const random = new Random(seed ^ BigInt(`0x${Buffer.from(row.name).toString('hex')}`));
  const cases: OracleCase[] = [];
  for (let tries = 0; cases.length < perRow && tries < perRow * 20; tries++) {
    const next = randomCase(random, row, oracle);
    if (next) cases.push(next);
  }
  const theirs = oracle.run(cases);
  const wrong: string[] = [];
  cases.forEach((each, index) => {
    const ours = goldenStep(each, oracle);
    const found = differences(ours, theirs[index]!);
    if (found.length === 0) return;
    const isKnown = knownDifferences.some(
      ({ row: named, applies }) => named.test(row.name) && applies(ours, theirs[index]!),
    );
    if (!isKnown) wrong.push(`${row.name}: ${found.join('; ')}\n  ${show(each)}`);
  });
  return { compared: cases.length, trapped: theirs.filter(({ kind }) => kind === 'trapped').length, wrong };
}

describe('golden ≡ qemu-user', () => {
  if (oracle.absent !== undefined) {
    test('the oracle is installed where it must be', () => {
      console.log(`skipped: golden ≡ qemu-user, because ${oracle.absent}`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  const rows = riscv64.rows.filter((row) => !notAsked.has(row.name));
  test(`${rows.length} rows on ${perRow} random states each, seed ${seed}`, () => {
    const results = rows.map(check);
    const trapped = results.reduce((sum, result) => sum + result.trapped, 0);
    const compared = results.reduce((sum, result) => sum + result.compared, 0);
    console.log(
      `golden ≡ ${oracle.name}: ${rows.length} rows, ${compared} states (${trapped} trapped), seed ${seed}; not asked: ${[...notAsked].join(', ')}`,
    );
    expect(results.flatMap((result) => result.wrong.slice(0, 2))).toEqual([]);
    expect(results.filter((result) => result.compared < perRow).length).toBe(0);
  });

  test('the oracle still differs where the list says so', () => {
    const repaired = knownDifferences.filter(({ example, applies }) => {
      const ours = goldenStep(example, oracle);
      const [theirs] = oracle.run([example]);
      return differences(ours, theirs!).length === 0 || !applies(ours, theirs!);
    });
    // The list is of qemu 7's; a later one may have repaired them.
    if (/ 7$/.test(oracle.name)) expect(repaired.map(({ why }) => why)).toEqual([]);
    else
      console.log(
        `${oracle.name} has repaired ${repaired.length} of ${knownDifferences.length} known differences`,
      );
  });
});

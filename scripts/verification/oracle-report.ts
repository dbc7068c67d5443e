import { gnuAssembler } from '../../src/infrastructure/oracle/gnu/gnu-assembler.ts';
import { objdumpDisassembler } from '../../src/infrastructure/oracle/gnu/objdump-disassembler.ts';
import { llvmDisassembler } from '../../src/infrastructure/oracle/llvm/llvm-mc-disassembler.ts';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { unicornOracle } from '../../src/infrastructure/oracle/unicorn/unicorn-oracle.ts';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** What `verify --json` says of a campaign against an oracle. */
export interface OracleOutcome {
  readonly setup: {
    readonly instructions: readonly string[];
    readonly reference: string;
    readonly relation: string;
    readonly casesPerShard: number;
    readonly shards: number;
  };
  readonly cases: number;
  readonly knownDifferences: number;
  readonly notAsked: readonly string[];
  readonly untried: readonly string[];
  readonly unreachable: readonly string[];
  readonly counterexamples: readonly { readonly case: string }[];
  readonly coverage: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
}

const grouped = (value: number): string => value.toLocaleString('en-US');

/** Which fields the classes are of: an oracle runs jumps of one distance, and has registers of its own. */
const fieldsOf = (classes: readonly string[]): string =>
  classes.length === 0 ? '' : `, of ${[...new Set(classes.map((each) => each.split(' ')[1]))].join(', ')}`;

/** Encodings on which oracles do not agree with each other. */
const disputes = ({ coverage }: OracleOutcome): number =>
  Object.values(coverage)
    .flatMap((kinds) => Object.values(kinds))
    .flatMap((outcomes) => Object.entries(outcomes))
    .reduce((sum, [outcome, count]) => sum + (outcome.startsWith('disputed') ? count : 0), 0);

export const summaryOf = (outcome: OracleOutcome): string =>
  `${outcome.setup.reference}: ${outcome.setup.instructions.length} instructions, ${grouped(outcome.cases)} cases, ` +
  `${grouped(outcome.knownDifferences)} known differences, ${outcome.counterexamples.length} counterexamples, ` +
  `${disputes(outcome)} disputed, ${outcome.untried.length} classes of encodings untried, ` +
  `${outcome.unreachable.length} not to be asked about${fieldsOf(outcome.unreachable)}`;

/** What none of the oracles for what instructions do can be asked about. */
export function unreached(outcomes: readonly OracleOutcome[]): Readonly<Record<string, readonly string[]>> {
  const asking = outcomes.filter(({ setup }) => setup.relation === 'oracle');
  const missing = asking.map(({ notAsked, unreachable }) => ({ notAsked, unreachable }));
  const all = new Set(missing.flatMap(({ notAsked }) => notAsked));
  const classes = new Set(missing.flatMap(({ unreachable }) => unreachable));
  const nameOf = (each: string): string => each.split(' ')[0]!;
  return {
    instructions: [...all].filter((name) => missing.every(({ notAsked }) => notAsked.includes(name))),
    'classes of encodings': [...classes].filter((each) =>
      missing.every(
        ({ notAsked, unreachable }) => unreachable.includes(each) || notAsked.includes(nameOf(each)),
      ),
    ),
  };
}

/** The page of the reference, from what the campaigns came to and what is known of the oracles here. */
export async function oracleReport(
  outcomes: readonly OracleOutcome[],
  { states, written, seed }: { readonly states: string; readonly written: string; readonly seed: string },
): Promise<string> {
  const rows = outcomes.map(
    (each) =>
      `| ${each.setup.reference} | ${each.setup.relation} | ${each.setup.instructions.length} | ${grouped(each.setup.casesPerShard * each.setup.shards)} | ${grouped(each.cases)} | ${grouped(each.knownDifferences)} | ${disputes(each)} | ${each.counterexamples.length} | ${each.untried.length} | ${each.unreachable.length} |`,
  );
  const missing = Object.entries(unreached(outcomes)).map(
    ([what, names]) =>
      `- ${what} that neither Unicorn nor qemu can be asked about: ${names.length === 0 ? 'none' : names.join(', ')}`,
  );
  const runner = fileURLToPath(new URL('../../test/guests/bin/instruction-runner', import.meta.url));
  const oracles = [
    unicornOracle(),
    qemuUserOracle(runner),
    objdumpDisassembler(),
    llvmDisassembler(),
    gnuAssembler(),
  ];
  const known = oracles.map(
    ({ name, known: differences }) =>
      `### ${name}\n\n${differences.map(({ why }) => `- ${why.replaceAll('_', '\\_')}.`).join('\n')}\n`,
  );
  const page = `# What oracles say

Written by \`npm run campaign:oracles -- --states ${states} --written ${written} --seed ${seed} --write\`. Every instruction that an oracle knows
is tried on so many cases; a known difference is a case in which the oracle is at fault as it is known to be, and a counterexample would be ours.

| Oracle | Relation | Instructions | Cases of each | Cases | Known differences | Disputed | Counterexamples | Classes untried | Classes not to be asked about |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}

${missing.join('\n')}

## Known differences

A test fails when one of them disappears from the version that it was seen in, so that no list outlives its cause.

${known.join('\n')}`;
  const configuration = await resolveConfig(fileURLToPath(import.meta.url));
  return format(page, { ...configuration, parser: 'markdown' });
}

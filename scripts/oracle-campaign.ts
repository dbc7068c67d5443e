/**
 * The long campaigns against oracles: what instructions do, by Unicorn and qemu; how they are written, by GNU objdump and llvm-mc; how they are
 * encoded, by GNU as. Every row that an oracle knows, with so many cases each.
 *
 *     npm run campaign:oracles -- [--states 10000] [--written 1000] [--seed N] [--jobs N] [--write]
 *
 * Prints for each oracle what it was asked, and at the end the rows and classes of encodings that neither Unicorn nor qemu could be
 * asked about. `--write` puts it into docs/reference/oracles.md. Exits 1 at a counterexample.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type OracleOutcome, oracleReport, summaryOf, unreached } from './verification/oracle-report.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions(import.meta.url, {
  options: {
    states: { type: 'string', default: '10000' },
    written: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const main = fileURLToPath(new URL('../src/interfaces/cli/main.ts', import.meta.url));

interface Campaign {
  readonly words: readonly string[];
  readonly cases: string;
  /** Each asks an oracle of its own process anew, for every instruction. */
  readonly shards: string;
}

/** What one campaign came to; undefined where it could not be run. */
function campaign({ words, cases, shards }: Campaign): OracleOutcome | undefined {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      main,
      'verify',
      ...words,
      ...['--cases', cases, '--seed', values.seed, '--shards', shards, '--jobs', values.jobs, '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status === 0 || status === 1) return JSON.parse(stdout) as OracleOutcome;
  console.error(`verify ${words.join(' ')}: ${stderr.trim()}`);
  return undefined;
}

const campaigns: readonly Campaign[] = [
  { words: ['--relation', 'oracle', '--oracle', 'unicorn'], cases: values.states, shards: '16' },
  { words: ['--relation', 'oracle', '--oracle', 'qemu'], cases: values.states, shards: '16' },
  { words: ['--relation', 'disassembly'], cases: values.written, shards: '4' },
  { words: ['--relation', 'encoding', '--oracle', 'as'], cases: values.written, shards: '4' },
];
const outcomes = campaigns.map((each) => {
  const outcome = campaign(each);
  if (outcome) console.log(summaryOf(outcome));
  for (const { case: line } of outcome?.counterexamples ?? []) console.error(line);
  return outcome;
});
const done = outcomes.filter((each) => each !== undefined);
for (const [what, names] of Object.entries(unreached(done)))
  console.log(`${what} asked of no oracle: ${names.length === 0 ? 'none' : names.join(', ')}`);
if (done.length < outcomes.length || done.some(({ counterexamples }) => counterexamples.length > 0))
  process.exitCode = 1;
else if (values.write)
  writeFileSync(
    fileURLToPath(new URL('../docs/reference/oracles.md', import.meta.url)),
    await oracleReport(done, values),
  );

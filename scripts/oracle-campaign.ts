/**
 * The long campaign of the reference against the oracles: every row that an oracle knows, with so many states each.
 *
 *     npm run campaign:oracles -- [--states 10000] [--seed N] [--jobs N]
 *
 * Prints for each oracle what it was asked, and at the end the rows that no oracle could be asked about. Exits 1 at a
 * counterexample.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    states: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '1' },
  },
});
const main = fileURLToPath(new URL('../src/interfaces/cli/main.ts', import.meta.url));

interface Outcome {
  readonly setup: { readonly instructions: readonly string[]; readonly reference: string };
  readonly cases: number;
  readonly knownDifferences: number;
  readonly notAsked: readonly string[];
  readonly untried: readonly string[];
  readonly unreachable: readonly string[];
  readonly counterexamples: readonly { readonly case: string }[];
}

/** Which fields the classes are of: an oracle runs jumps of one distance, and has registers of its own. */
const fieldsOf = (classes: readonly string[]): string =>
  classes.length === 0 ? '' : `, of ${[...new Set(classes.map((each) => each.split(' ')[1]))].join(', ')}`;

const asked = new Set<string>();
const all = new Set<string>();
let wrong = false;
for (const oracle of ['unicorn', 'qemu']) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      main,
      'verify',
      ...['--relation', 'oracle', '--oracle', oracle, '--cases', values.states, '--seed', values.seed],
      ...['--shards', '16', '--jobs', values.jobs, '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0 && status !== 1) {
    console.error(`${oracle}: ${stderr.trim()}`);
    wrong = true;
    continue;
  }
  const outcome = JSON.parse(stdout) as Outcome;
  for (const name of [...outcome.setup.instructions, ...outcome.notAsked]) all.add(name);
  for (const name of outcome.setup.instructions) asked.add(name);
  const { length: refuted } = outcome.counterexamples;
  wrong ||= refuted > 0;
  console.log(
    `${outcome.setup.reference}: ${outcome.setup.instructions.length} instructions, ${outcome.cases} cases, ` +
      `${outcome.knownDifferences} known differences, ${refuted} counterexamples, ` +
      `${outcome.untried.length} classes of encodings untried, ` +
      `${outcome.unreachable.length} not to be asked about${fieldsOf(outcome.unreachable)}`,
  );
  for (const { case: line } of outcome.counterexamples) console.error(line);
}
const never = [...all].filter((name) => !asked.has(name));
console.log(`asked of no oracle: ${never.length === 0 ? 'none' : never.join(', ')}`);
process.exitCode = wrong ? 1 : 0;

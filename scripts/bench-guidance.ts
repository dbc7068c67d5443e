/**
 * Compares the policies that decide what is translated when: `npm run bench:guidance -- [--pairs N] [--only a,b] [--out DIR] [--json]`.
 *
 * Records each program with a small input, profiles the recording, trains a model from the profiles of the other programs, and then runs it
 * under every policy in turn, and with regions that were kept by runs or translated ahead. What the runs do must be equal; times are asserted nowhere.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trainModel } from '../src/application/guidance/train-model.ts';
import type { ProfiledBlock } from '../src/domain/profile/events.ts';
import { guidanceMarkdown, type GuidanceResult, type GuidanceResults } from './bench/guidance-report.ts';
import { type GuidedProgram, guidedPrograms } from './bench/guided-programs.ts';
import { translationStages } from './bench/translation-stages.ts';
import { aheadTimes, translatedAhead } from './bench/ahead-times.ts';
import { profileOf } from './bench/profile-program.ts';
import type { GuidedRun } from './bench/guided-run.ts';
import { scriptOptions } from './script-options.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = scriptOptions(import.meta.url, {
  options: {
    pairs: { type: 'string', default: '7' },
    only: { type: 'string' },
    out: { type: 'string', default: join(root, 'docs/reference/benchmarks') },
    json: { type: 'boolean', default: false },
  },
});
const pairs = Number(values.pairs);
if (!Number.isSafeInteger(pairs) || pairs < 1) {
  console.error(`bench: --pairs wants a positive whole number, not ${values.pairs}`);
  process.exit(2);
}

const policies = [
  ['counter', 'translates what was interpreted 8000 times, and nothing in the first 4 million instructions'],
  ['counter 8000', 'the same from the first instruction on'],
  ['counter 32000', 'the same after 32,000 times'],
  ['adaptive', 'counts, with a limit that rises with regions translated for instructions retired'],
  ['profile', 'translates what the profile calls hot after 64 times'],
  ['learned', 'asks a logistic regression at 1024, 4096 and 16,384 times'],
  ['kept', 'counter, with the regions that two runs of the same command have kept'],
  ['ahead', 'counter, with regions translated ahead from the profile, in the first run'],
] as const;

const scratch = mkdtempSync(join(tmpdir(), 'isochron-guidance-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const programs = guidedPrograms(join(scratch, 'bin')).filter(
  ({ name }) => values.only === undefined || values.only.split(',').includes(name),
);

function runGuided(spec: string, { path, measured }: GuidedProgram): GuidedRun {
  const script = fileURLToPath(new URL('bench/guided-run.ts', import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [script, spec, path, ...measured], { encoding: 'utf8' }),
  ) as GuidedRun;
}

function compare(
  program: GuidedProgram,
  specs: Readonly<Record<string, () => string>>,
  done: (result: GuidanceResult) => void,
): void {
  const runs: Record<string, GuidedRun[]> = {};
  for (let pair = 0; pair < pairs; pair++) {
    console.error(`${program.name}: pair ${pair + 1} of ${pairs}`);
    for (const [policy, spec] of Object.entries(specs)) {
      const run = runGuided(spec(), program);
      const first = runs['counter']?.[0] ?? run;
      if (run.icount !== first.icount || run.exitCode !== 0)
        throw new Error(`${program.name} did something else under ${policy}: ${JSON.stringify(run)}`);
      (runs[policy] ??= []).push(run);
    }
  }
  done({ program: program.name, runs });
}

const profiles = new Map<GuidedProgram, readonly ProfiledBlock[]>();
for (const program of programs) {
  console.error(`${program.name}: profiling`);
  profiles.set(program, await profileOf(program, join(scratch, 'store')));
}

let results: GuidanceResults = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.versions.node,
    V8: process.versions.v8,
    'load average': `${loadavg()[0]!.toFixed(1)} on ${cpus().length} cores`,
    isochron: execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
    }).trim(),
  },
  pairs,
  ahead: {},
  stages: Object.fromEntries(
    [...profiles].map(([{ name, path }, blocks]) => [name, translationStages(path, blocks)]),
  ),
  accuracy: trainModel([...profiles.values()]).accuracy,
  policies,
  results: [],
};
mkdirSync(values.out, { recursive: true });
for (const program of programs) {
  const file = (kind: string, content: unknown) => {
    const path = join(scratch, `${kind}.json`);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  const others = [...profiles].flatMap(([each, blocks]) => (each.path === program.path ? [] : [blocks]));
  const blocks = profiles.get(program)!;
  const [kept, ahead] = ['kept', 'ahead'].map((kind) => mkdtempSync(join(scratch, `${kind}-`)));
  for (let run = 0; run < 2; run++) runGuided(`kept:${kept}`, program);
  await translatedAhead(program, blocks, ahead!);
  const always = (spec: string) => () => spec;
  const specs = {
    counter: always('usual'),
    'counter 8000': always('counter:8000'),
    'counter 32000': always('counter:32000'),
    adaptive: always('adaptive'),
    profile: always(`profile:${file('profile', blocks)}`),
    learned: always(`learned:${file('model', trainModel(others).model)}`),
    kept: always(`kept:${kept}`),
    // Each run is the first one.
    ahead() {
      const copy = mkdtempSync(join(scratch, 'ahead-'));
      cpSync(ahead!, copy, { recursive: true });
      return `kept:${copy}`;
    },
  };
  const times = await aheadTimes(program, blocks, scratch);
  results = { ...results, ahead: { ...results.ahead, [program.name]: times } };
  compare(program, specs, (result) => {
    results = { ...results, results: [...results.results, result] };
  });
  // After each, so that an interruption loses nothing.
  writeFileSync(join(values.out, 'guidance.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(values.out, 'guidance.md'), guidanceMarkdown(results));
}
if (values.json) console.log(JSON.stringify(results));
else console.log(guidanceMarkdown(results));

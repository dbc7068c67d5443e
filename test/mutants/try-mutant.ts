import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CheckName, testFiles } from './checks.ts';
import { type Mutant, root } from './mutant.ts';

/** What running checks against a mutant gave: the first that failed, with what it said; or none. */
export interface Attempt {
  readonly caught: { readonly by: CheckName; readonly what: string } | undefined;
  /** Time until it was caught, or until all checks had passed. */
  readonly seconds: number;
}

export interface AttemptOptions {
  /** Which rules to prove, where there is no mutant that says so. */
  readonly focus?: string | undefined;
  /** As many samples as the long campaign. */
  readonly long?: boolean;
  /** Milliseconds without an end after which a check counts as hanging, which is noticed. */
  readonly limitMs?: number;
}

const plant = pathToFileURL(join(root, 'test/mutants/plant.ts')).href;

/** More samples than continuous integration takes. */
const thorough = { ISOCHRON_STATES: '10000', ISOCHRON_BLOCKS: '60000', ISOCHRON_PAIRS: '400000' };

/**
 * Runs checks on the sources with a mutant in them, or as they are, up to the first that fails. Throws when the mutant is stale or
 * a check cannot be run.
 */
export async function attempt(
  names: readonly CheckName[],
  mutant: Mutant | undefined,
  { long = false, limitMs = long ? 3_600_000 : 300_000, focus = mutant?.focus }: AttemptOptions = {},
): Promise<Attempt> {
  const started = performance.now();
  const tested = (caught: Attempt['caught']): Attempt => ({
    caught,
    seconds: (performance.now() - started) / 1000,
  });
  const environment = {
    ...process.env,
    CI: 'true',
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
    ...(long && thorough),
    ...(mutant && { ISOCHRON_MUTANT: mutant.id, NODE_OPTIONS: `--import=${plant}` }),
  };
  const direct = names.filter((name) => !(name in testFiles));
  if (direct.length > 0) {
    const caught = await runDirect(direct, { focus, long, limitMs, environment });
    if (caught) return tested(caught);
  }
  for (const by of names) {
    if (!(by in testFiles)) continue;
    const what = await runTests(testFiles[by as keyof typeof testFiles], environment, limitMs);
    if (what !== undefined) return tested({ by, what });
  }
  return tested(undefined);
}

interface Surroundings {
  readonly focus: string | undefined;
  readonly long: boolean;
  readonly limitMs: number;
  readonly environment: NodeJS.ProcessEnv;
}

async function runDirect(
  names: readonly CheckName[],
  { focus, long, limitMs, environment }: Surroundings,
): Promise<Attempt['caught']> {
  const { output, errors, status } = await run(
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'test/mutants/check-here.ts'),
      ...(long ? ['--long'] : []),
      ...(focus === undefined ? [] : [`--focus=${focus}`]),
      ...names,
    ],
    environment,
    limitMs,
  );
  const results = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { readonly name: CheckName; readonly failed?: string });
  const failed = results.find((each) => each.failed !== undefined);
  if (failed) return { by: failed.name, what: failed.failed! };
  if (results.length === names.length) return undefined;
  throwIfStale(errors);
  const by = names[results.length]!;
  if (status === 'late') return { by, what: 'it does not end' };
  return { by, what: /^\w*Error.*/m.exec(errors)?.[0].slice(0, 200) ?? `it ends with ${String(status)}` };
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** What fails first in the tests of those files. */
async function runTests(
  files: string,
  environment: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'isochron-mutant-'));
  const report = join(folder, 'report.json');
  try {
    const jest = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--config=test/mutants/jest.config.js',
      '--json',
      `--outputFile=${report}`,
      '--runInBand',
      '--forceExit',
      files,
    ];
    const { status, errors } = await run(jest, environment, limitMs);
    if (status === 'late') return 'it does not end';
    if (status === 0) return undefined;
    throwIfStale(errors);
    // Tests that took their runner down have left no report.
    if (!existsSync(report)) return `the tests end with ${String(status)}: ${errors.slice(-200)}`;
    for (const { message, assertionResults, name } of (JSON.parse(readFileSync(report, 'utf8')) as JestReport)
      .testResults) {
      throwIfStale(message);
      const failed = assertionResults.find((each) => each.status === 'failed');
      if (failed) return failed.fullName;
      if (message !== '') return `${name.split('/').at(-1)!} does not load`;
    }
    return `the tests end with ${String(status)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function throwIfStale(text: string): void {
  const stale = /the mutant \S+ is stale.*/.exec(text)?.[0];
  if (stale !== undefined) throw new Error(stale);
}

interface Ended {
  readonly output: string;
  readonly errors: string;
  readonly status: number | string | null;
}

/** Runs Node in a process group of its own, which is killed whole when time is up. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv, limitMs: number): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { output: '', errors: '' };
  child.stdout.on('data', (part: Buffer) => (text.output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text.errors = (text.errors + part.toString()).slice(-100_000)));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-child.pid!, 'SIGKILL');
  }, limitMs);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  clearTimeout(timer);
  return { ...text, status: late ? 'late' : (status ?? child.signalCode) };
}

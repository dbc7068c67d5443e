import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the command line into a few scripts, and its worker threads beside them, in dist/bundle or the folder named: loading
 * hundreds of modules one by one, and stripping their types, costs several times what a short guest program does. Recorded
 * runs leave the code cache of the functions that they needed. bin/isochron.js starts the bundle for as long as the sources are
 * those in its inputs.json.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(root, process.argv[2] ?? 'dist/bundle');
const fresh = `${folder}-${process.pid}`;

const missing: unknown = await import('rolldown').then(
  () => undefined,
  (error: unknown) => error,
);
if (missing !== undefined) {
  process.stderr.write(
    `no bundle, for rolldown cannot be loaded: isochron starts from its sources (${String(missing).split('\n')[0]})\n`,
  );
  // An installation without development dependencies works all the same.
  process.exit(process.env['npm_lifecycle_event'] === 'prepare' ? 0 : 1);
}
const { bundleCommandLine, bundleThread } = await import('./bundle/command-line.ts');
mkdirSync(dirname(folder), { recursive: true });
const scripts = await bundleCommandLine(root, fresh);
const [storeThread, ...otherThreads] = await Promise.all(
  [
    'src/infrastructure/event-store/sqlite-worker.ts',
    'src/infrastructure/solver/wasm-solver-worker.ts',
    'src/infrastructure/engine/wasm/ahead/translation-worker.ts',
  ].map((entry) => bundleThread(root, entry, fresh)),
);
writeFileSync(join(fresh, 'identity'), identity());
makeCaches();
const isRecording = (name: string): boolean => existsSync(join(fresh, `${name}.code-cache`));
const [core, others] = [scripts.get('main.cjs')!, [...scripts].filter(([name]) => name !== 'main.cjs')];
const inputs = {
  core: sourcesAmong(core),
  // The scripts that recording and replaying loaded just now, whose code was kept.
  recording: sourcesAmong([
    ...others.filter(([name]) => isRecording(name)).flatMap(([, modules]) => modules),
    ...storeThread!,
  ]),
  others: sourcesAmong([
    ...others.filter(([name]) => !isRecording(name)).flatMap(([, modules]) => modules),
    ...otherThreads.flat(),
  ]),
};
writeFileSync(join(fresh, 'inputs.json'), JSON.stringify(inputs));
rmSync(folder, { recursive: true, force: true });
renameSync(fresh, folder);

/** SHA-256 of the scripts. */
function identity(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(fresh).sort()) hash.update(readFileSync(join(fresh, name)));
  return hash.digest('hex');
}

/** Has the scripts record the program hello and replay that, and keep what V8 compiled for that; and what they learn of the encodings of some programs. */
function makeCaches(): void {
  const environment = { ...process.env, ISOCHRON_CACHE: fresh };
  const store = mkdtempSync(join(tmpdir(), 'isochron-bundle-'));
  const guest = (name: string): string => join(root, 'test/guests/bin', name);
  const run = (script: string, ...words: readonly string[]): void => {
    execFileSync(process.execPath, [script, ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    });
  };
  try {
    const keepingCode = fileURLToPath(new URL('bundle/make-code-cache.js', import.meta.url));
    run(keepingCode, fresh, 'run', '--store', store, '--record', 'hello', guest('hello'));
    run(keepingCode, fresh, 'replay', '--store', store, '--quiet', 'hello');
    for (const name of ['files', 'processes', 'threads-musl'])
      run(join(fresh, 'main.cjs'), 'run', guest(name));
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** Every source file among the inputs: its path in the package, and when it was last changed. */
function sourcesAmong(paths: readonly string[]): readonly (readonly [path: string, mtimeMs: number])[] {
  const sources = new Set(
    paths.map((path) => relative(root, path)).filter((path) => path.startsWith('src/')),
  );
  return [...sources].map((path) => [path, statSync(join(root, path)).mtimeMs]);
}

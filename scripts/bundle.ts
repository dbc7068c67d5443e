import type { BuildOptions, Metafile } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lazyBuiltins } from './bundle/lazy-builtins.ts';

/**
 * Bundles the command line into one script, and its worker threads beside it, in dist/bundle or the folder named: loading
 * hundreds of modules one by one, and stripping their types, costs several times what a short guest program does. A
 * recorded run of the script leaves the code cache of the functions that it needed. bin/isochron.js starts the bundle for
 * as long as the sources are those in its inputs.json.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(root, process.argv[2] ?? 'dist/bundle');
const fresh = `${folder}-${process.pid}`;
const given = 'exports,require,module,__filename,__dirname';

const esbuild = await import('esbuild').catch(() => undefined);
if (esbuild === undefined) {
  process.stderr.write('no bundle, for esbuild is not installed: isochron starts from its sources\n');
  // An installation without development dependencies works all the same.
  process.exit(process.env['npm_lifecycle_event'] === 'prepare' ? 0 : 1);
}
mkdirSync(dirname(folder), { recursive: true });
const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  target: 'node24',
  platform: 'neutral',
  // rxjs offers its ES modules under this condition.
  conditions: ['es2015', 'import'],
  // What only some commands need, and needs its own folder.
  external: [
    'node:*',
    '@vscode/debugadapter',
    'koffi',
    'z3-solver',
    '@eventstore/db-client',
    '@grpc/grpc-js',
    'hyparquet-writer',
    '@duckdb/node-api',
  ],
  logLevel: 'warning',
};
// A script, for V8 gives a script's code cache and no module's.
const main = await esbuild.build({
  ...common,
  entryPoints: ['src/interfaces/cli/main.ts'],
  outfile: join(fresh, 'main.cjs'),
  // A scope of its own: a variable may be called `exports`.
  format: 'iife',
  // A script compiled by hand may only `require` without a warning.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'scriptUrl' },
  // The value of the script is a function of what a module is given; as a module it calls that itself.
  banner: {
    js: `(run=>(typeof module=='object'&&run(${given}),run))(function(${given}){const scriptUrl = require('node:url').pathToFileURL(__filename).href;`,
  },
  footer: { js: '});' },
  // V8 keeps a script of ASCII at a byte a character.
  charset: 'ascii',
  minifyWhitespace: true,
  plugins: [lazyBuiltins],
  metafile: true,
});
const threads = await esbuild.build({
  ...common,
  entryPoints: [
    'src/infrastructure/event-store/sqlite-worker.ts',
    'src/infrastructure/solver/wasm-solver-worker.ts',
    'src/infrastructure/engine/wasm/ahead/translation-worker.ts',
  ],
  // Flat: a thread's file lies beside whoever starts it, as in the sources.
  entryNames: '[name]',
  outdir: fresh,
  format: 'esm',
  metafile: true,
});
const digest = createHash('sha256')
  .update(readFileSync(join(fresh, 'main.cjs')))
  .digest('hex');
writeFileSync(join(fresh, 'identity'), digest);
makeCaches();
writeFileSync(join(fresh, 'inputs.json'), JSON.stringify(sourcesOf([main.metafile, threads.metafile])));
rmSync(folder, { recursive: true, force: true });
renameSync(fresh, folder);

/** Has the script record the program hello, and keep what V8 compiled for that; and what it learns of the encodings of some programs. */
function makeCaches(): void {
  const environment = { ...process.env, ISOCHRON_CACHE: fresh };
  const store = mkdtempSync(join(tmpdir(), 'isochron-bundle-'));
  try {
    execFileSync(
      process.execPath,
      [
        ...[fileURLToPath(new URL('bundle/make-code-cache.js', import.meta.url)), join(fresh, 'main.cjs')],
        ...['run', '--store', store, '--record', 'hello', join(root, 'test/guests/bin/hello')],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'], env: environment },
    );
    for (const guest of ['files', 'processes', 'threads-musl'])
      execFileSync(process.execPath, [join(fresh, 'main.cjs'), 'run', join(root, 'test/guests/bin', guest)], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: environment,
      });
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** Every source file that went in: its path in the package, and when it was last changed. */
function sourcesOf(metafiles: readonly Metafile[]): readonly (readonly [path: string, mtimeMs: number])[] {
  const inputs = new Set(metafiles.flatMap((metafile) => Object.keys(metafile.inputs)));
  const sources = [...inputs].filter((path) => path.startsWith('src/'));
  return sources.map((path) => [path, statSync(join(root, path)).mtimeMs]);
}

import type { Metafile } from 'esbuild';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the command line and its worker threads into dist/bundle, or the folder named: loading hundreds of modules one by
 * one, and stripping their types, costs several times what a short guest program does. bin/isochron.js starts the
 * bundle for as long as the sources are those in its inputs.json.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(root, process.argv[2] ?? 'dist/bundle');
const fresh = `${folder}-${process.pid}`;

const esbuild = await import('esbuild').catch(() => undefined);
if (esbuild === undefined) {
  process.stderr.write('no bundle, for esbuild is not installed: isochron starts from its sources\n');
  // An installation without development dependencies works all the same.
  process.exit(process.env['npm_lifecycle_event'] === 'prepare' ? 0 : 1);
}
mkdirSync(dirname(folder), { recursive: true });
const { metafile } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: [
    'src/interfaces/cli/main.ts',
    'src/infrastructure/event-store/sqlite-worker.ts',
    'src/infrastructure/solver/wasm-solver-worker.ts',
  ],
  // Flat: a thread's file lies beside whoever starts it, as in the sources.
  entryNames: '[name]',
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'node24',
  platform: 'neutral',
  // rxjs offers its ES modules under this condition.
  conditions: ['es2015', 'import'],
  // What only some commands need, and needs its own folder.
  external: ['node:*', 'koffi', 'z3-solver', '@eventstore/db-client', '@grpc/grpc-js'],
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(fresh, 'inputs.json'), JSON.stringify(sourcesOf(metafile)));
rmSync(folder, { recursive: true, force: true });
renameSync(fresh, folder);

/** Every source file that went in: its path in the package, and when it was last changed. */
function sourcesOf({ inputs }: Metafile): readonly (readonly [path: string, mtimeMs: number])[] {
  const sources = Object.keys(inputs).filter((path) => path.startsWith('src/'));
  return sources.map((path) => [path, statSync(join(root, path)).mtimeMs]);
}

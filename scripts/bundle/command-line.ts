import { join } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type InputOptions, type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { eagerBuiltins, lazyBuiltins } from './lazy-builtins.ts';

/** The modules that something was made of. */
export type Inputs = readonly string[];

/** What only some commands need, and needs its own folder. */
const ownFolder = [
  '@vscode/debugadapter',
  'koffi',
  'z3-solver',
  '@eventstore/db-client',
  '@grpc/grpc-js',
  'hyparquet-writer',
  '@duckdb/node-api',
];
const common: InputOptions = {
  platform: 'neutral',
  resolve: {
    // rxjs offers its ES modules under this condition.
    conditionNames: ['es2015', 'import', 'module', 'default'],
  },
};

/** What every run of a program needs: these modules, and what they import before anything runs. */
const coreRoots = ['src/interfaces/cli/main.ts', 'src/running-parts.ts'];

/**
 * Writes the command line into `folder` as scripts, and gives the modules of each: `main.cjs` begins, and holds what running a program needs; the others
 * are loaded when a command asks for them. The value of each script is a function of what Node gives a CommonJS module, and as a module it calls that itself.
 */
export async function bundleCommandLine(root: string, folder: string): Promise<ReadonlyMap<string, Inputs>> {
  const core = new Set<string>();
  const bundle = await rolldown({
    ...common,
    external: [eagerBuiltins, ...ownFolder],
    cwd: root,
    input: { main: 'src/interfaces/cli/main.ts' },
    transform: { define: { 'import.meta.url': 'scriptUrl' } },
    plugins: [lazyBuiltins, coreOf(root, core)],
    // What is imported when it is wanted may be in the core all the same.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await bundle.generate({
    format: 'cjs',
    // A script compiled by hand may only `require` without a warning.
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    minify: true,
    codeSplitting: { groups: [{ name: 'core', test: (id: string) => core.has(id) }] },
  });
  await bundle.close();
  const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
  mkdirSync(folder, { recursive: true });
  for (const { fileName, code } of chunks) writeFileSync(join(folder, fileName), asScript(code));
  return new Map(chunks.map(({ fileName, moduleIds }) => [fileName, moduleIds]));
}

/** Writes a worker thread's module into `folder`. */
export async function bundleThread(root: string, entry: string, folder: string): Promise<Inputs> {
  const bundle = await rolldown({ ...common, external: [/^node:/, ...ownFolder], cwd: root, input: entry });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    codeSplitting: false,
    entryFileNames: '[name].js',
  });
  await bundle.close();
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
}

const given = 'exports,require,module,__filename,__dirname';

/** V8 keeps a script of ASCII at a byte a character. */
const asScript = (code: string): string =>
  `(run=>(typeof module=='object'&&run(${given}),run))(function(${given}){const scriptUrl=require('node:url').pathToFileURL(__filename).href;${code}\n});`.replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Adds to `core` the modules that the roots import statically, themselves included. */
const coreOf = (root: string, core: Set<string>): Plugin => ({
  name: 'core',
  buildEnd() {
    const add = (id: string): void => {
      if (core.has(id)) return;
      core.add(id);
      for (const imported of this.getModuleInfo(id)?.importedIds ?? []) add(imported);
    };
    for (const path of coreRoots) add(join(root, path));
  },
});

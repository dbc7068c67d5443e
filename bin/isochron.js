#!/usr/bin/env node
// Starts the command line: the bundle while it is of these very sources, else the sources (Node strips their types).
// An older Node on the PATH hands over to the one that the dependency `node` brought.
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Scripts } from './script.js';

// Imported, it would load Node's streams.
const { existsSync, readFileSync, statSync } = process.getBuiltinModule('node:fs');

const oldest = 24;
const root = fileURLToPath(new URL('..', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  if (bundleIsCurrent()) await startBundle(join(root, 'dist/bundle'));
  else await startModule(join(root, 'src/interfaces/cli/main.ts'));
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `isochron: needs Node ${oldest} or newer, this is ${process.versions.node}; run npm ci\n`,
    );
    process.exit(125);
  }
  const [{ spawn }, { constants }] = await Promise.all([import('node:child_process'), import('node:os')]);
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/** Half of a short run would be compiling ourselves: the bundle has a code cache of its own. */
async function startBundle(folder) {
  const scripts = new Scripts(folder);
  if (scripts.compile('main.cjs')) scripts.run('main.cjs');
  else await startModule(join(folder, 'main.cjs'));
}

/** With Node's cache of what it compiles; NODE_DISABLE_COMPILE_CACHE=1 does without. */
async function startModule(file) {
  module.enableCompileCache();
  await import(pathToFileURL(file).href);
}

/**
 * Whether every source file is as it was when `npm run bundle` read it; the package as installed has no sources.
 * ISOCHRON_SOURCES asks for the sources whatever there is.
 */
function bundleIsCurrent() {
  if (process.env.ISOCHRON_SOURCES) return false;
  if (!existsSync(join(root, 'src'))) return true;
  try {
    const inputs = JSON.parse(readFileSync(join(root, 'dist/bundle/inputs.json'), 'utf8'));
    // `root` ends with a slash; joining hundreds of paths would cost more than asking for them.
    return inputs.every(([path, mtimeMs]) => statSync(root + path).mtimeMs === mtimeMs);
  } catch {
    return false;
  }
}

function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    const node = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

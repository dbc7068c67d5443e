#!/usr/bin/env node
// Starts the command line: the bundle while it is of these very sources, else the sources (Node strips their types).
// An older Node on the PATH hands over to the one that the dependency `node` brought.
// CommonJS, for which Node need not load its loader of ES modules: 4 to 8 ms of CPU time (Node 24.21, a `hello` of 230 ms).
const { existsSync, readFileSync, statSync } = require('node:fs');
const { createRequire, enableCompileCache } = require('node:module');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Scripts } = require('./script.js');

const oldest = 24;
const root = `${dirname(__dirname)}/`;
// A word of the guest's that looks like these options costs a few milliseconds.
const onlyRuns =
  process.argv[2] === 'run' && !process.argv.some((word) => /^(-r|--(record|guidance))/.test(word));

if (Number(process.versions.node.split('.')[0]) < oldest) startOtherNode();
else if (bundleIsCurrent()) startBundle(join(root, 'dist/bundle'));
else startModule(join(root, 'src/interfaces/cli/main.ts'));

/** Half of a short run would be compiling ourselves: the bundle has a code cache of its own. */
function startBundle(folder) {
  const scripts = new Scripts(folder, othersAreCurrent);
  if (scripts.compile('main.cjs')) scripts.run('main.cjs');
  else startModule(join(folder, 'main.cjs'));
}

/** With Node's cache of what it compiles; NODE_DISABLE_COMPILE_CACHE=1 does without. */
function startModule(file) {
  enableCompileCache();
  import(pathToFileURL(file).href);
}

/**
 * Whether every source file is as it was when `npm run bundle` read it; the package as installed has no sources.
 * ISOCHRON_SOURCES asks for the sources whatever there is. Asking for the times of all files takes a tenth of a short run: for `run`, of
 * those that it needs not before they are loaded.
 */
function bundleIsCurrent() {
  if (process.env.ISOCHRON_SOURCES) return false;
  if (!existsSync(join(root, 'src'))) return true;
  return areCurrent('core') && (onlyRuns || areCurrent('others'));
}

/** Ends the process unless those files are as they were, too. */
function othersAreCurrent() {
  if (!onlyRuns || !existsSync(join(root, 'src')) || areCurrent('others')) return;
  process.stderr.write(
    'isochron: sources have changed: run npm run bundle first, or set ISOCHRON_SOURCES=1\n',
  );
  process.exit(125);
}

function areCurrent(part) {
  try {
    const inputs = JSON.parse(readFileSync(join(root, 'dist/bundle/inputs.json'), 'utf8'));
    // `root` ends with a slash; joining hundreds of paths would cost more than asking for them.
    return inputs[part].every(([path, mtimeMs]) => statSync(root + path).mtimeMs === mtimeMs);
  } catch {
    return false;
  }
}

function startOtherNode() {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `isochron: needs Node ${oldest} or newer, this is ${process.versions.node}; run npm ci\n`,
    );
    process.exit(125);
  }
  const { constants } = require('node:os');
  const { spawn } = require('node:child_process');
  const child = spawn(node, [__filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

function bundledNode() {
  try {
    const manifest = createRequire(__filename).resolve('node/package.json');
    const node = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

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
/** The parts of the bundle whose sources have been looked at. */
const checked = new Set();

if (Number(process.versions.node.split('.')[0]) < oldest) startOtherNode();
else if (bundleIsCurrent()) startBundle(join(root, 'dist/bundle'));
else startModule(join(root, 'src/interfaces/cli/main.ts'));

/** Half of a short run would be compiling ourselves: the bundle has a code cache of its own. */
function startBundle(folder) {
  const scripts = new Scripts(folder, mustBeCurrent);
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
 * ISOCHRON_SOURCES asks for the sources whatever there is. Asking for the times of all files takes an eighth of a short run: for running,
 * recording and replaying, of those that they need not before they are loaded.
 */
function bundleIsCurrent() {
  if (process.env.ISOCHRON_SOURCES) return false;
  return !existsSync(join(root, 'src')) || areCurrent(partsOf(process.argv.slice(2)));
}

/** The parts that a command begins with. A word of the guest's that looks like one of these options costs a few milliseconds. */
function partsOf([command, ...words]) {
  const has = (options) => words.some((word) => options.test(word));
  if (command === 'replay') return ['core', 'recording'];
  if (command !== 'run' || has(/^--(guidance|index)/)) return ['core', 'recording', 'others'];
  return has(/^(-r|--record)/) ? ['core', 'recording'] : ['core'];
}

/** Ends the process unless the files of a part that comes to be loaded are as they were, too. */
function mustBeCurrent(part) {
  if (checked.has(part) || !existsSync(join(root, 'src')) || areCurrent([part])) return;
  process.stderr.write(
    'isochron: sources have changed: run npm run bundle first, or set ISOCHRON_SOURCES=1\n',
  );
  process.exit(125);
}

function areCurrent(parts) {
  for (const part of parts) checked.add(part);
  try {
    const inputs = JSON.parse(readFileSync(join(root, 'dist/bundle/inputs.json'), 'utf8'));
    // `root` ends with a slash; joining hundreds of paths would cost more than asking for them.
    return parts.every((part) =>
      inputs[part].every(([path, mtimeMs]) => statSync(root + path).mtimeMs === mtimeMs),
    );
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

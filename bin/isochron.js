#!/usr/bin/env node
// Starts the command line: from dist/ when the package is built, else from the sources (Node strips their types).
// An older Node on the PATH hands over to the one that the dependency `node` brought.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldest = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/interfaces/cli/main.ts');
const main = existsSync(source) ? source : join(root, 'dist/interfaces/cli/main.js');

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  // Half of a short run would be compiling ourselves; NODE_DISABLE_COMPILE_CACHE=1 does without.
  module.enableCompileCache();
  await import(main);
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `isochron: needs Node ${oldest} or newer, this is ${process.versions.node}; run npm ci\n`,
    );
    process.exit(125);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
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

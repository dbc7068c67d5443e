// One script file, whose value is a function of what Node gives a CommonJS module, with the code that V8 keeps for it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';

/** Where V8's code for a script lies. */
export const codeCacheOf = (file) => `${file}.code-cache`;

/** The script, compiled, from its code cache where V8 takes that (it is of another version, or of other flags, else). */
export function compile(file) {
  const cachedData = read(codeCacheOf(file));
  // It is ASCII, and so neither decoded nor copied once more.
  const script = new vm.Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  return { script, cached: cachedData !== undefined && script.cachedDataRejected === false };
}

/** Runs a compiled script. */
export function run(script, file) {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

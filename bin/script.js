// Scripts whose values are functions of what Node gives a CommonJS module, each with the code that V8 keeps for it.
import { createRequire } from 'node:module';
import vm from 'node:vm';

// Imported, they would load Node's streams.
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs');
const { dirname, join } = process.getBuiltinModule('node:path');

/** Where V8's code for a script lies. */
const codeCacheOf = (file) => `${file}.code-cache`;

/** Scripts that load each other from their folder. */
export class Scripts {
  #folder;
  #require;
  #scripts = new Map();
  #modules = new Map();

  constructor(folder) {
    this.#folder = folder;
    this.#require = createRequire(join(folder, 'main.cjs'));
  }

  /** Compiles a script; false where V8 does not take the code that is kept for it (it is of another version, or of other flags). */
  compile(name) {
    const file = join(this.#folder, name);
    const cachedData = read(codeCacheOf(file));
    // It is ASCII, and so neither decoded nor copied once more.
    const script = new vm.Script(readFileSync(file, 'latin1'), {
      filename: file,
      ...(cachedData && { cachedData }),
    });
    this.#scripts.set(name, script);
    return cachedData !== undefined && script.cachedDataRejected === false;
  }

  /** Runs a script, once; gives what it exports. */
  run(name) {
    const known = this.#modules.get(name);
    if (known) return known.exports;
    if (!this.#scripts.has(name)) this.compile(name);
    const module = { exports: {} };
    this.#modules.set(name, module);
    const file = join(this.#folder, name);
    const require = (wanted) => (wanted.startsWith('./') ? this.run(wanted.slice(2)) : this.#require(wanted));
    this.#scripts.get(name).runInThisContext()(module.exports, require, module, file, dirname(file));
    return module.exports;
  }

  /** Keeps the code of the functions that were needed so far, of the scripts that have none. */
  keepCode() {
    for (const [name, script] of this.#scripts)
      if (read(codeCacheOf(join(this.#folder, name))) === undefined)
        writeFileSync(codeCacheOf(join(this.#folder, name)), script.createCachedData());
  }
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

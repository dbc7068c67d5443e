// Scripts whose values are functions of what Node gives a CommonJS module, each with the code that V8 keeps for it.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const vm = require('node:vm');

/** Where V8's code for a script lies. */
const codeCacheOf = (file) => `${file}.code-cache`;

/** Scripts that load each other from their folder. */
class Scripts {
  #folder;
  #beforePart;
  #begun = false;
  #require;
  #scripts = new Map();
  #modules = new Map();

  /**
   * Before a script is loaded that the first did not begin with, `beforePart` is called with `recording`, where code is kept for it, or
   * `others`.
   */
  constructor(folder, beforePart = () => undefined) {
    this.#folder = folder;
    this.#beforePart = beforePart;
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
    if (!this.#scripts.has(name)) {
      const isKept = existsSync(codeCacheOf(join(this.#folder, name)));
      if (this.#begun) this.#beforePart(isKept ? 'recording' : 'others');
      this.compile(name);
    }
    const module = { exports: {} };
    this.#modules.set(name, module);
    const file = join(this.#folder, name);
    const require = (wanted) => (wanted.startsWith('./') ? this.run(wanted.slice(2)) : this.#require(wanted));
    const begins = this.#modules.size === 1;
    this.#scripts.get(name).runInThisContext()(module.exports, require, module, file, dirname(file));
    this.#begun ||= begins;
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

module.exports = { Scripts };

import type { Plugin } from 'rolldown';

/** Node's modules that are not in its snapshot, take milliseconds to load, and are not needed by most runs. */
const lazy = ['crypto', 'zlib', 'fs/promises', 'child_process', 'worker_threads', 'v8', 'timers/promises'];

/** Those of Node's modules that are loaded with the script. */
export const eagerBuiltins = new RegExp(`^node:(?!(${lazy.join('|')})$)`);

const mark = '\0lazy:';

/**
 * Has a script load these modules when something of theirs is first used. A bundled import of a CommonJS module is an object whose
 * prototype is that of the module imported, so the proxy is its own prototype.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  resolveId(specifier, importer) {
    if (importer?.startsWith(mark)) return { id: specifier, external: true };
    const name = specifier.startsWith('node:') ? specifier.slice('node:'.length) : undefined;
    return name !== undefined && lazy.includes(name) ? mark + name : undefined;
  },
  load: (id) =>
    id.startsWith(mark)
      ? `
        let loaded;
        const lazy = new Proxy({}, {
          get: (_, name) => (loaded ??= require(${JSON.stringify(`node:${id.slice(mark.length)}`)}))[name],
          getPrototypeOf: () => lazy,
        });
        module.exports = lazy;`
      : undefined,
};

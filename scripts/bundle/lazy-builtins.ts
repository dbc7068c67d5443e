import type { Plugin } from 'esbuild';

/** Node's modules that are not in its snapshot, take milliseconds to load, and are not needed by most runs. */
const lazy = ['crypto', 'zlib', 'fs/promises', 'child_process', 'worker_threads'];

/**
 * Has a script load these modules when something of theirs is first used. esbuild's imports are objects whose prototype is that of the module
 * imported, so the proxy is its own prototype.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace !== 'lazy' && lazy.includes(path.slice('node:'.length))
        ? { path, namespace: 'lazy' }
        : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `
        let loaded;
        const lazy = new Proxy({}, {
          get: (_, name) => (loaded ??= require(${JSON.stringify(path)}))[name],
          getPrototypeOf: () => lazy,
        });
        module.exports = lazy;`,
    }));
  },
};

import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';

const manifest = findPackageJSON(import.meta.url);
if (manifest === undefined)
  throw new Error(`no package.json above ${import.meta.url}: the package is incomplete`);

/** The folder of this package, seen from the sources, from what the compiler made of them, and from the bundle alike. */
export const packageRoot = new URL('.', pathToFileURL(manifest));

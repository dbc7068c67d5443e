import { writeFileSync } from 'node:fs';
import v8 from 'node:v8';
import { codeCacheOf, compile, run } from '../../bin/script.js';

/**
 * `make-code-cache.js SCRIPT WORDS…` runs a bundled command line, and writes the code of the functions that this needed
 * where bin/isochron.js looks for it.
 */
const [file] = process.argv.splice(2, 1);
// The code is for the flags under which it is loaded, which are those of the start.
v8.setFlagsFromString = () => undefined;
const { script } = compile(file);
process.on('exit', (status) => {
  if (status === 0) writeFileSync(codeCacheOf(file), script.createCachedData());
});
run(script, file);

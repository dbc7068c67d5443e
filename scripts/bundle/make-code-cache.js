import v8 from 'node:v8';
import { Scripts } from '../../bin/script.js';

/**
 * `make-code-cache.js FOLDER WORDS…` runs a bundled command line, and keeps the code of the functions that this needed where
 * bin/isochron.js looks for it, of each script that has none yet.
 */
const [folder] = process.argv.splice(2, 1);
// The code is for the flags under which it is loaded, which are those of the start.
v8.setFlagsFromString = () => undefined;
const scripts = new Scripts(folder);
scripts.compile('main.cjs');
process.on('exit', (status) => {
  if (status === 0) scripts.keepCode();
});
scripts.run('main.cjs');

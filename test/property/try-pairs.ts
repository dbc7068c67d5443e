/**
 * A process that runs random blocks on the golden and the wasm engine, and prints the first difference as JSON:
 * `node try-pairs.ts PAIRS SEED`.
 */
import { EnginePairs } from './engine-pairs.ts';

const [pairs = '', seed = ''] = process.argv.slice(2);
const difference = new EnginePairs().run(Number(pairs), Number(seed));
const differs = difference ? [`ISOCHRON_SEED=${difference.seed}`, difference.what, ...difference.block] : [];
process.stdout.write(JSON.stringify({ pairs: Number(pairs), differs }));

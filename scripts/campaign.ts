/**
 * The long comparison of the golden and the wasm engine on random (block, state) pairs:
 *
 *     npm run campaign -- --pairs 10000000 [--seed N]
 *
 * Prints its seed and progress; at the first difference, the seed of its batch and the shrunk block, and exits 1.
 */
import { EnginePairs } from '../test/property/engine-pairs.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions(import.meta.url, {
  options: { pairs: { type: 'string' }, seed: { type: 'string' } },
});
const pairs = natural('--pairs', values.pairs ?? '10000000');
const seed = natural('--seed', values.seed ?? String(Date.now() % 2 ** 32));
const chunk = 20_000;
/** Fresh machines now and then keep the run's memory bounded. */
const chunksPerMachine = 25;

console.log(`seed ${seed}, ${pairs} pairs`);
const started = performance.now();
let engines = new EnginePairs();
for (let done = 0, index = 0; done < pairs; index++) {
  if (index % chunksPerMachine === chunksPerMachine - 1) engines = new EnginePairs();
  const size = Math.min(chunk, pairs - done);
  const difference = engines.run(size, (seed + Math.imul(index, 0x85eb_ca6b)) >>> 0);
  if (difference) {
    console.error(`the engines differ; repeat with ISOCHRON_SEED=${difference.seed}\n${difference.what}`);
    console.error(difference.block.join('\n'));
    process.exit(1);
  }
  done += size;
  const seconds = (performance.now() - started) / 1000;
  console.log(`${done} pairs agree, ${Math.round(done / seconds)} a second`);
}

function natural(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`${option} wants a whole number, not ${JSON.stringify(text)}`);
  process.exit(2);
}

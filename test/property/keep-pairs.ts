/** A process that keeps the regions of random blocks: `node keep-pairs.ts DIRECTORY PAIRS SEED`. */
import { KeptRegions } from '../../src/infrastructure/engine/wasm/cache/kept-regions.ts';
import { RegionFiles } from '../../src/infrastructure/engine/wasm/cache/region-files.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { EnginePairs } from './engine-pairs.ts';

const [directory = '', pairs = '', seed = ''] = process.argv.slice(2);
const kept = new KeptRegions(new RegionFiles(directory, 'random pairs'));
const difference = new EnginePairs([['wasm', wasmEngineWith({ hotLimit: 0, kept: () => kept })]]).run(
  Number(pairs),
  Number(seed),
);
if (difference) throw new Error(difference.what);
kept.optimise();
kept.save();

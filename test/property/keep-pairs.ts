/**
 * A process that runs random blocks on the golden engine and on one that keeps regions, and prints what came of it as JSON:
 * `node keep-pairs.ts DIRECTORY PAIRS SEED`.
 */
import type { EngineMachineOptions } from '../../src/application/ports/execution-engine.ts';
import { KeptRegions } from '../../src/infrastructure/engine/wasm/cache/kept-regions.ts';
import { RegionFiles } from '../../src/infrastructure/engine/wasm/cache/region-files.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { EnginePairs } from './engine-pairs.ts';

const [directory = '', pairs = '', seed = ''] = process.argv.slice(2);
const kept = new KeptRegions(new RegionFiles(directory, 'random pairs'));
const engine = wasmEngineWith({ hotLimit: 0, kept: () => kept });
let optimised = 0;
const counting = {
  ...engine,
  createMachine: (options: EngineMachineOptions) =>
    engine.createMachine({
      ...options,
      onTranslation: (event) => {
        if (event.type === 'RegionRestored' && event.optimised) optimised++;
      },
    }),
};
const difference = new EnginePairs([['wasm (kept regions)', counting]]).run(Number(pairs), Number(seed));
kept.optimise();
kept.save();
const differs = difference ? [difference.seed, difference.what, ...difference.block] : [];
process.stdout.write(JSON.stringify({ differs, optimised }));

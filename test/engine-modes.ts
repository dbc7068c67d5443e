import { wasmEngineWith } from '../src/infrastructure/engine/wasm/wasm-engine.ts';

/** Room for one region, and in each of two segments for a block of a few instructions. */
const tiny = { regions: 1, threadedBytes: 1024 };

/**
 * The wasm engine in each tier and memory mode, forced: `regions` translates at first sight, `interpreter` never; `evicting` has a cache
 * in which hardly anything stays. Where computed jumps lead is guessed as soon as it has been seen once.
 */
export const wasmModes = [
  ['wasm (regions)', wasmEngineWith({ hotLimit: 0, targetRounds: [1, 1, 1, 2, 3, 5] })],
  ['wasm (regions, guarded loads)', wasmEngineWith({ hotLimit: 0, memory: 'guarded-loads' })],
  ['wasm (regions, checked)', wasmEngineWith({ hotLimit: 0, memory: 'checked' })],
  ['wasm (interpreter)', wasmEngineWith({ hotLimit: Infinity })],
  ['wasm (regions, evicting)', wasmEngineWith({ hotLimit: 0, capacity: tiny })],
  [
    'wasm (both tiers, checked, evicting)',
    wasmEngineWith({ hotLimit: 2, memory: 'checked', capacity: tiny }),
  ],
] as const;

/** Those that translate every block, and keep it: where the shape of regions matters. */
export const regionModes = wasmModes.slice(0, 3);

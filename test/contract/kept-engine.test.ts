import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptRegions } from '../../src/infrastructure/engine/wasm/cache/kept-regions.ts';
import { RegionFiles } from '../../src/infrastructure/engine/wasm/cache/region-files.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { engineStopsContract } from './engine-stops.ts';
import { executionEngineContract } from './execution-engine.ts';

/** The contract of engines, by an engine that finds what the one before it has kept of the same guests. */
const directory = mkdtempSync(join(tmpdir(), 'isochron-kept-engine-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const keeping = () => new KeptRegions(new RegionFiles(directory, 'the contract of engines'));
const first = keeping();
const writing = wasmEngineWith({ hotLimit: 0, kept: () => first });
const finding = wasmEngineWith({
  hotLimit: 0,
  kept: () => {
    first.optimise();
    first.save();
    return keeping();
  },
});
for (const [name, engine] of [
  ['wasm (keeping regions)', writing],
  ['wasm (with kept regions)', finding],
] as const) {
  executionEngineContract(name, engine);
  engineStopsContract(name, engine);
}

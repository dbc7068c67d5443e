import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngine } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { wasmModes } from '../engine-modes.ts';
import { engineStopsContract } from './engine-stops.ts';
import { executionEngineContract } from './execution-engine.ts';

for (const [name, engine] of [['golden', goldenEngine], ['wasm', wasmEngine], ...wasmModes] as const) {
  executionEngineContract(name, engine);
  engineStopsContract(name, engine);
}

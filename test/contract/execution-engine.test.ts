import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { optimisedEngine } from '../../src/infrastructure/engine/golden/optimised-engine.ts';
import { wasmEngine } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { wasmModes } from '../engine-modes.ts';
import { engineStopsContract } from './engine-stops.ts';
import { executionEngineContract } from './execution-engine.ts';

const engines = [
  ['golden', goldenEngine],
  ['golden (optimised)', optimisedEngine],
  ['wasm', wasmEngine],
  ...wasmModes,
] as const;
for (const [name, engine] of engines) {
  executionEngineContract(name, engine);
  engineStopsContract(name, engine);
}

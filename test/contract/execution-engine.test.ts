import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngine, wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { engineStopsContract } from './engine-stops.ts';
import { executionEngineContract } from './execution-engine.ts';

const engines = [
  ['golden', goldenEngine],
  ['wasm', wasmEngine],
  ['wasm (interpreting only)', wasmEngineWith({ hotLimit: Infinity })],
  ['wasm (translating at first sight)', wasmEngineWith({ hotLimit: 0 })],
  [
    'wasm (translating at first sight, guarding loads only)',
    wasmEngineWith({ hotLimit: 0, memory: 'guarded-loads' }),
  ],
  [
    'wasm (translating at first sight, checking every access)',
    wasmEngineWith({ hotLimit: 0, memory: 'checked' }),
  ],
] as const;

for (const [name, engine] of engines) {
  executionEngineContract(name, engine);
  engineStopsContract(name, engine);
}

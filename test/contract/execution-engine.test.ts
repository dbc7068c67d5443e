import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngine, wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { executionEngineContract } from './execution-engine.ts';

executionEngineContract('golden', goldenEngine);
executionEngineContract('wasm', wasmEngine);
executionEngineContract('wasm (interpreting only)', wasmEngineWith({ hotLimit: Infinity }));
executionEngineContract('wasm (translating at first sight)', wasmEngineWith({ hotLimit: 0 }));
executionEngineContract(
  'wasm (translating at first sight, checking every access)',
  wasmEngineWith({ hotLimit: 0, memory: 'checked' }),
);

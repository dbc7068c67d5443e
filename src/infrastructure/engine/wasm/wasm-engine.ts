import type { ExecutionEngine } from '../../../application/ports/execution-engine.ts';
import { WasmMachine } from './wasm-machine.ts';

export interface WasmEngineOptions {
  /** How often code is stepped before it is translated; 0 translates at first sight. */
  readonly coldLimit?: number;
}

/** The engine that translates guest code to WebAssembly at run time. */
export const wasmEngineWith = ({ coldLimit = 128 }: WasmEngineOptions): ExecutionEngine => ({
  name: 'wasm',
  createMachine: (options) => new WasmMachine(options, coldLimit),
});

export const wasmEngine: ExecutionEngine = wasmEngineWith({});

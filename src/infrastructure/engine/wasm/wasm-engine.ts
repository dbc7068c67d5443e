import type { ExecutionEngine } from '../../../application/ports/execution-engine.ts';
import { WasmMachine } from './wasm-machine.ts';

export interface WasmEngineOptions {
  /** How often a block is interpreted before its region is translated: 0 translates at first sight, Infinity never. */
  readonly hotLimit?: number;
}

/** The engine that translates guest code to WebAssembly at run time. */
export const wasmEngineWith = ({ hotLimit = 8000 }: WasmEngineOptions): ExecutionEngine => ({
  name: 'wasm',
  createMachine: (options) => new WasmMachine(options, hotLimit),
});

export const wasmEngine: ExecutionEngine = wasmEngineWith({});

import { type Effects, noMarks } from '../../../application/ports/effects.ts';
import type { ExecutionEngine } from '../../../application/ports/execution-engine.ts';
import { EffectMarks } from '../memory/effect-marks.ts';
import { capacityOf } from './cache/cache-capacity.ts';
import { ModuleStore } from './cache/module-store.ts';
import { wasmEngineWith, type WasmEngineOptions } from './wasm-engine.ts';

export interface MarkingEngine {
  readonly engine: ExecutionEngine;
  /** What the engine's machines did since the last call. */
  take(): Effects;
}

const nothing: Effects = {
  reads: noMarks,
  writes: noMarks,
  executed: noMarks,
  registersRead: 0n,
  registersWritten: 0n,
};

/** Code that marks, whoever has it made: the marks themselves are each engine's own. */
const modules = new ModuleStore(capacityOf().regions);

/** The wasm engine for guests of one memory size, marking what they do. Its machines share the marks. */
export function markingEngine(options: Omit<WasmEngineOptions, 'marks'> = {}): MarkingEngine {
  let marks: EffectMarks | undefined;
  return {
    engine: wasmEngineWith({
      modules,
      ...options,
      marks: ({ memorySize, isa }) => (marks ??= new EffectMarks(memorySize, isa.layout)),
    }),
    take: () => marks?.take() ?? nothing,
  };
}

import { fileURLToPath } from 'node:url';
import type { ExecutionEngine } from './application/ports/execution-engine.ts';
import type { GuestFactory } from './application/ports/guest-factory.ts';
import type { RunnerParts } from './application/runner.ts';
import type { IsochronParts } from './application/use-cases.ts';
import { riscv64 } from './domain/isa/riscv64/riscv64.ts';
import { dataFiles } from './infrastructure/data-files/data-files.ts';
import { effectTracingEngine } from './infrastructure/engine/golden/effect-tracing-engine.ts';
import { goldenEngine } from './infrastructure/engine/golden/golden-engine.ts';
import { optimisedEngine } from './infrastructure/engine/golden/optimised-engine.ts';
import { tracingEngine } from './infrastructure/engine/golden/tracing-engine.ts';
import { markingEngine } from './infrastructure/engine/wasm/marking-engine.ts';
import { wasmEngineWith } from './infrastructure/engine/wasm/wasm-engine.ts';
import { FileRecordingArchive } from './infrastructure/event-store/recording-archive.ts';
import { packageRoot } from './package-root.ts';

/** A folder where regions are kept, and whose code they are of. */
export interface PlaceOfRegions {
  readonly directory: string;
  readonly identity: string;
}

export type ResearchParts = Omit<IsochronParts, keyof RunnerParts>;

/** What stands behind the ports of those use cases that do more than run programs. */
export const researchParts = (
  guestsOn: (engines: readonly ExecutionEngine[]) => GuestFactory,
  placeOfRegions: () => PlaceOfRegions | undefined,
  becomeLong: () => void,
): ResearchParts => ({
  archive: new FileRecordingArchive(),
  verified: underTest,
  proved: {
    openSolver: async (wanted) => (await import('./infrastructure/solver/find-solver.ts')).findSolver(wanted),
    traced: (onBlock) => guestsOn([tracingEngine(onBlock)]),
  },
  marking: () => {
    const { engine, take } = markingEngine();
    return { guests: guestsOn([engine]), take };
  },
  followed: (listener) => guestsOn([effectTracingEngine(listener)]),
  openAhead: async () => {
    const place = placeOfRegions();
    if (place === undefined) return undefined;
    // Its threads translate the first regions, of which this one hears nothing.
    becomeLong();
    const { threadTranslator } = await import('./infrastructure/engine/wasm/ahead/thread-translator.ts');
    return threadTranslator(place);
  },
  files: dataFiles,
  openSql: async (folder) => (await import('./infrastructure/sql/duckdb-database.ts')).openDuckDb(folder),
});

/** Each tier of the wasm engine is tested by itself. */
const underTest: IsochronParts['verified'] = {
  isa: riscv64,
  reference: goldenEngine,
  optimised: optimisedEngine,
  tested: new Map([
    ['wasm:regions', wasmEngineWith({ hotLimit: 0 })],
    ['wasm:interpreter', wasmEngineWith({ hotLimit: Infinity })],
  ]),
  oracles: new Map([
    [
      'unicorn',
      async () => (await import('./infrastructure/oracle/unicorn/unicorn-oracle.ts')).unicornOracle(),
    ],
    [
      'qemu',
      async () =>
        (await import('./infrastructure/oracle/qemu-user/qemu-user-oracle.ts')).qemuUserOracle(
          fileURLToPath(new URL('test/guests/bin/instruction-runner', packageRoot)),
        ),
    ],
  ]),
  disassemblers: new Map([
    [
      'objdump',
      async () => (await import('./infrastructure/oracle/gnu/objdump-disassembler.ts')).objdumpDisassembler(),
    ],
    [
      'llvm-mc',
      async () => (await import('./infrastructure/oracle/llvm/llvm-mc-disassembler.ts')).llvmDisassembler(),
    ],
  ]),
  assemblers: new Map([
    ['as', async () => (await import('./infrastructure/oracle/gnu/gnu-assembler.ts')).gnuAssembler()],
  ]),
};

import { readFileSync } from 'node:fs';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import { Durations } from '../../src/domain/translation-cache/durations.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import type { ProfiledBlock } from '../../src/domain/profile/events.ts';
import { InstructionSource } from '../../src/infrastructure/engine/golden/instruction-source.ts';
import type { FlatMemory } from '../../src/infrastructure/engine/memory/flat-memory.ts';
import { admissionOf } from '../../src/infrastructure/engine/wasm/cache/admission.ts';
import { CodeMap } from '../../src/infrastructure/engine/wasm/code-map.ts';
import { exactFloatImport } from '../../src/infrastructure/engine/wasm/float-imports.ts';
import { RegionCompiler } from '../../src/infrastructure/engine/wasm/region/region-compiler.ts';
import { discoverRegion } from '../../src/infrastructure/engine/wasm/region/region-discovery.ts';
import { regionExport } from '../../src/infrastructure/engine/wasm/translated-function.ts';
import { isTranslatable } from '../../src/infrastructure/engine/wasm/region/translatable.ts';
import { runtimeFunctions } from '../../src/infrastructure/engine/wasm/runtime-module.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';

/** What a region goes through before its first instruction runs. */
export const stages = ['discover', 'generate', 'module', 'instance', 'first call'] as const;
export type Stage = (typeof stages)[number];
export type StageTimes = Readonly<Record<Stage, { readonly mean: number; readonly p99: number }>>;

const limits = { instructions: 200, blocks: 24 };
const nothing = { perform: () => ({ ok: false, error: 'ENOENT' }) as const };

/** How long each stage takes, in milliseconds, for the regions that begin at a program's hot blocks. */
export function translationStages(path: string, blocks: readonly ProfiledBlock[]): StageTimes {
  const machine = createLinuxMachine(
    {
      program: readFileSync(path),
      programPath: '/bin/program',
      arguments: [],
      environment: {},
      workingDirectory: '/',
      mounts: [],
      seed: '0',
      epoch: '0',
      memorySize: 2 ** 32,
    },
    { engine: wasmEngineWith({}), isa: riscv64, host: nothing, hash: nodeHash },
  );
  const memory = machine.memory as FlatMemory;
  const source = new InstructionSource(riscv64, memory);
  const imports: Record<string, unknown> = {
    ...runtimeFunctions(),
    ...admissionOf(memory, new CodeMap(memory, () => undefined)),
    guest: memory.guest,
    control: memory.control,
    regions: new WebAssembly.Table({ element: 'anyfunc', initial: 1 }),
    timeAt: () => 0n,
  };
  const times = Object.fromEntries(stages.map((stage) => [stage, new Durations()])) as Record<
    Stage,
    Durations
  >;
  const timed = <T>(stage: Stage, work: () => T): T => {
    const began = performance.now();
    const result = work();
    times[stage].add((performance.now() - began) * 1000);
    return result;
  };
  for (const { address } of blocks) {
    const found = timed('discover', () => discoverRegion(address, source, isTranslatable, limits));
    if (found.length === 0) continue;
    const code = timed('generate', () =>
      new RegionCompiler(found, address, memory, riscv64.layout.pc).compile(),
    );
    for (const name of code.imports) imports[name] ??= exactFloatImport(name, memory.control);
    const module = timed('module', () => new WebAssembly.Module(code.bytes));
    const instance = timed('instance', () => new WebAssembly.Instance(module, { engine: imports }));
    // With no instruction left it returns at once, but not before it was compiled.
    timed('first call', () => instance.exports[regionExport]!(0, 0, 0) as number);
  }
  return Object.fromEntries(
    stages.map((stage) => [
      stage,
      { mean: times[stage].mean / 1000, p99: times[stage].quantile(0.99) / 1000 },
    ]),
  ) as StageTimes;
}

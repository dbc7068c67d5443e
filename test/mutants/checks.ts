import type { DirectCheckName } from './direct-checks.ts';
import type { Area } from './mutant.ts';

/** Tests that are run by the test runner, by the pattern of their files. */
export const testFiles = {
  'unit tests of the domain': 'src/domain',
  'unit tests of floating point': 'src/domain/float',
  'unit tests of the wasm engine': 'src/infrastructure/engine',
  'unit tests of recording': 'src/(application|domain/virtual-machine)',
  disassemblers: 'test/conformance/riscv64/written-oracles',
  'floating-point oracle': 'test/property/floating-point',
  'engine contract': 'test/contract/execution-engine',
  'translation cache': 'test/contract/translation-cache',
  'shapes of regions': 'test/contract/(computed-jumps|short-arms|unrolled-loops)',
  'guest programs': 'test/end-to-end/(guests-on-linux|cli-run)',
  library: 'test/end-to-end/library',
  travel: 'test/end-to-end/travel',
  recordings: 'test/end-to-end/cli-recordings',
  'damaged recordings': 'test/end-to-end/cli-damage',
  'files and mounts': 'test/contract/file-calls',
  'killed recordings': 'test/end-to-end/kill.test',
  'frozen recordings': 'test/end-to-end/frozen-recordings',
  'recorded positions': 'test/end-to-end/(recorded-positions|recording-size|store-copy)',
  'travel by commands': 'test/end-to-end/cli-travel',
} as const;

export type CheckName = DirectCheckName | keyof typeof testFiles;

/** What is run for each area, the quickest and likeliest first; a mutant's run ends with the first that fails. */
export const checksOf: Readonly<Record<Area, readonly CheckName[]>> = {
  semantics: [
    'conformance cases',
    'golden ≡ Unicorn',
    'golden ≡ qemu',
    'wasm ≡ golden',
    'disassemblers',
    'unit tests of the domain',
  ],
  float: [
    'conformance cases',
    'golden ≡ Unicorn',
    'golden ≡ qemu',
    'wasm ≡ golden',
    'unit tests of floating point',
    'floating-point oracle',
  ],
  evaluator: [
    'conformance cases',
    'golden ≡ Unicorn',
    'golden ≡ qemu',
    'wasm ≡ golden',
    'optimised ≡ raw',
    'engine contract',
    'unit tests of the domain',
  ],
  rules: ['rules by SMT', 'optimised ≡ raw'],
  passes: ['optimised ≡ raw', 'unit tests of the domain'],
  lowering: [
    'conformance cases',
    'wasm ≡ golden',
    'wasm ≡ golden, blocks',
    'wasm ≡ golden, random IR',
    'wasm ≡ golden, pairs',
    'engine contract',
    'unit tests of the wasm engine',
  ],
  'quick-float': [
    'conformance cases',
    'wasm ≡ golden',
    'wasm ≡ golden, blocks',
    'unit tests of the wasm engine',
    'wasm ≡ golden, pairs',
  ],
  engine: [
    'conformance cases',
    'wasm ≡ golden',
    'wasm ≡ golden, blocks',
    'wasm ≡ golden, pairs',
    'translation cache',
    'shapes of regions',
    'engine contract',
    'unit tests of the wasm engine',
    'guest programs',
  ],
  decoding: [
    'conformance cases',
    'encode ∘ decode',
    'assemble ∘ disassemble',
    'golden ≡ Unicorn',
    'disassemblers',
  ],
  recording: [
    'unit tests of recording',
    'library',
    'travel',
    'recordings',
    'damaged recordings',
    'frozen recordings',
    'recorded positions',
    'travel by commands',
    'files and mounts',
    'killed recordings',
  ],
};

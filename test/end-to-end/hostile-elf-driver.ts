/**
 * Loads and runs mutated ELF files one after another, in a process of its own so that its memory can be measured:
 *
 *     node --expose-gc hostile-elf-driver.ts SEED COUNT
 *
 * Prints one line of JSON: how often each outcome came, the largest resident set in bytes, and what went wrong.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ElfError } from '../../src/application/linux/elf/elf-error.ts';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import type { HashFunction } from '../../src/domain/shared/digest.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { wasmEngine } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { Random } from '../../src/application/verification/generators/random.ts';

const [seed = '1', count = '500'] = process.argv.slice(2);
const random = new Random(seed);
const originals = ['compute', 'hello-musl', 'hello'].map((name) =>
  readFileSync(new URL(`../guests/bin/${name}`, import.meta.url)),
);
const hash = ((content) => createHash('sha256').update(content).digest('hex')) as HashFunction;
const host = { perform: () => ({ ok: false, error: 'ENOENT' }) as const };

const extremes = [
  0n,
  1n,
  0xffffn,
  0x7fff_ffffn,
  0xffff_ffffn,
  0x1_0000_0000n,
  1n << 47n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];

/** Program header fields of eight bytes: offset, virtual and physical address, file and memory size, alignment. */
const wideFields = [8, 16, 24, 32, 40, 48];

function mutate(original: Uint8Array): { readonly bytes: Uint8Array; readonly how: string } {
  const bytes = Uint8Array.from(original);
  const view = new DataView(bytes.buffer);
  const headers = view.getUint16(56, true);
  const header = () => 64 + 56 * random.below(headers);
  const kind = random.pick([
    'truncated',
    'identity',
    'header',
    'huge',
    'overlap',
    'permissions',
    'bytes',
    'count',
  ] as const);
  switch (kind) {
    case 'truncated':
      return { bytes: bytes.slice(0, random.below(random.pick([64, 400, bytes.length]))), how: kind };
    case 'identity':
      bytes[random.below(20)] = random.below(256);
      break;
    case 'header':
      bytes[20 + random.below(44)] = random.pick([0, 0xff, 0x80, random.below(256)]);
      break;
    case 'huge':
      view.setBigUint64(header() + random.pick(wideFields), random.pick(extremes), true);
      break;
    case 'overlap': {
      const [from, to] = [header(), header()];
      view.setBigUint64(to + 16, view.getBigUint64(from + 16, true) + BigInt(random.below(8192)), true);
      break;
    }
    case 'permissions':
      view.setUint32(header() + 4, random.below(8), true);
      break;
    case 'bytes':
      for (let changes = 0; changes < 8; changes++)
        bytes[64 + random.below(bytes.length - 64)] = random.below(256);
      break;
    case 'count':
      view.setUint16(random.pick([54, 56]), random.pick([0, 1, 56, 0xffff]), true);
      break;
  }
  return { bytes, how: kind };
}

const outcomes: Record<string, number> = {};
const failures: string[] = [];
for (let round = 0; round < Number(count); round++) {
  const { bytes, how } = mutate(random.pick(originals));
  let outcome: string;
  try {
    const machine = createLinuxMachine(
      {
        program: bytes,
        programPath: '/bin/hostile',
        arguments: [],
        environment: {},
        workingDirectory: '/',
        mounts: [],
        seed: '0',
        epoch: '0',
        memorySize: 2 ** 32,
      },
      { engine: wasmEngine, isa: riscv64, host, hash },
    );
    machine.advance(100_000);
    outcome = machine.status.kind;
  } catch (error) {
    if (!(error instanceof ElfError)) failures.push(`round ${round} (${how}): ${String(error)}`);
    else if (!/\S.{15,}\.$/.test(error.message))
      failures.push(`round ${round} (${how}): unclear: ${error.message}`);
    outcome = error instanceof ElfError ? error.code : 'failure';
  }
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (round % 10 === 9) globalThis.gc?.();
}
console.log(JSON.stringify({ outcomes, maxRss: process.resourceUsage().maxRSS * 1024, failures }));

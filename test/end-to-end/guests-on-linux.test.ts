import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import type { ExecutionEngine } from '../../src/application/ports/execution-engine.ts';
import type { GuestMachine } from '../../src/application/ports/guest-machine.ts';
import type { HostSystem } from '../../src/application/ports/host-system.ts';
import type { HashFunction } from '../../src/domain/shared/digest.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngine } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { wasmModes } from '../engine-modes.ts';

const guests = new URL('../guests/', import.meta.url);
const hash = ((content) => createHash('sha256').update(content).digest('hex')) as HashFunction;

/** A host that takes output and has nothing else. */
function listeningHost(): { readonly host: HostSystem; text(): string } {
  const chunks: Uint8Array[] = [];
  const host: HostSystem = {
    perform(request) {
      if (request.call === 'readStdin') return { ok: true, bytes: new Uint8Array(0) };
      if (request.call !== 'writeOutput') return { ok: false, error: 'ENOENT' };
      if (request.to === 'stdout') chunks.push(request.bytes.slice());
      return { ok: true, value: request.bytes.length };
    },
  };
  return { host, text: () => Buffer.concat(chunks).toString() };
}

function machineOf(
  program: Uint8Array,
  engine: ExecutionEngine,
  host: HostSystem,
  memorySize = 2 ** 32,
): GuestMachine {
  const setup = {
    program,
    programPath: '/bin/guest',
    arguments: [],
    environment: { A: '1' },
    workingDirectory: '/',
    mounts: [],
    seed: '0',
    epoch: '1700000000000000000',
    memorySize,
  };
  return createLinuxMachine(setup, { engine, isa: riscv64, host, hash });
}

const binary = (name: string): Uint8Array => readFileSync(new URL(`bin/${name}`, guests));

function run(name: string, engine: ExecutionEngine, slice = 2 ** 24) {
  const { host, text } = listeningHost();
  const machine = machineOf(binary(name), engine, host);
  while (machine.status.kind === 'running' && machine.icount < 2 ** 27)
    machine.advance(machine.icount + slice);
  return { status: machine.status, icount: machine.icount, digest: machine.digest(), output: text() };
}

describe('Linux guests', () => {
  test.each([
    'hello',
    'tally',
    'threads',
    'threads-musl',
    'floating',
    'files',
    'memory',
    'processes',
    'system',
  ])('%s writes what it is known to write', (name) => {
    const { status, output } = run(name, wasmEngine);
    expect(output).toBe(readFileSync(new URL(`expected/${name}.txt`, guests), 'utf8'));
    expect(status).toEqual({ kind: 'exited', code: 0 });
  });

  test('signals are handled until the guest aborts', () => {
    const { status, output } = run('signals', wasmEngine);
    expect(output).toBe(readFileSync(new URL('expected/signals.txt', guests), 'utf8'));
    expect(status).toMatchObject({ kind: 'killed', signal: 6 });
  });

  test.each(['processes', 'hello-musl', 'system', 'signals', 'files'])(
    '%s ends in the same state on both engines',
    (name) => {
      expect(run(name, goldenEngine)).toEqual(run(name, wasmEngine));
    },
  );

  describe.each(wasmModes)('the engine %s', (_, engine) => {
    test.each(['hello-musl', 'compute', 'tally', 'signals', 'processes'])(
      'leads %s to the same end',
      (name) => {
        expect(run(name, engine)).toEqual(run(name, wasmEngine));
      },
    );
  });

  // 32,768 is the quantum: a cut there must not turn the queue by itself.
  test.each([
    ['threads-musl', 997],
    ['threads-musl', 32_768],
    ['threads', 32_768],
    ['floating', 32_768],
    ['system', 32_768],
    ['system', 100_003],
    ['processes', 4096],
  ] as const)('%s does the same when the run is cut every %i instructions', (name, slice) => {
    expect(run(name, wasmEngine, slice)).toEqual(run(name, wasmEngine));
  });

  test('a guest continues from a snapshot as it would have', () => {
    const [first, second] = [listeningHost(), listeningHost()];
    const original = machineOf(binary('threads'), wasmEngine, first.host);
    original.advance(300_000);
    const copy = machineOf(binary('threads'), wasmEngine, second.host);
    copy.restore(original.snapshot());
    expect(copy.digest()).toBe(original.digest());
    for (const machine of [original, copy]) machine.advance(2 ** 24);
    expect(copy.status).toEqual({ kind: 'exited', code: 0 });
    expect([copy.icount, copy.digest()]).toEqual([original.icount, original.digest()]);
  });
});

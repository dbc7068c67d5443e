import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { wasmEngine } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';
import { createMountedHost } from '../../src/infrastructure/host/mounted-host-system.ts';

const guests = new URL('../guests/', import.meta.url);

/** Runs the probes; `pause`: go on from a snapshot on a fresh machine after so many instructions. */
function probe(pause?: number): string {
  const output: Uint8Array[] = [];
  const host = createMountedHost({
    mounts: [],
    stdin: 'closed',
    output: (_to, bytes) => output.push(bytes.slice()),
  });
  const setup = {
    program: readFileSync(new URL('bin/file-calls', guests)),
    programPath: '/bin/file-calls',
    arguments: ['/bin/file-calls'],
    environment: {},
    workingDirectory: '/',
    mounts: [],
    seed: '0',
    epoch: '1700000000000000000',
    memorySize: 2 ** 28,
  };
  const parts = { engine: wasmEngine, isa: riscv64, host, hash: nodeHash };
  let machine = createLinuxMachine(setup, parts);
  if (pause !== undefined) {
    machine.advance(pause);
    const snapshot = structuredClone(machine.snapshot());
    machine = createLinuxMachine(setup, parts);
    machine.restore(snapshot);
  }
  machine.advance(2 ** 27);
  expect(machine.status).toEqual({ kind: 'exited', code: 0 });
  return Buffer.concat(output).toString();
}

const expected = readFileSync(new URL('expected/file-calls.txt', guests), 'utf8');

test('calls on files, pipes, sockets and events have the results and errors that Linux gives', () => {
  expect(probe()).toBe(expected);
});

test('files, pipes and epoll instances go on from a snapshot', () => {
  expect(probe(700_000)).toBe(expected);
});

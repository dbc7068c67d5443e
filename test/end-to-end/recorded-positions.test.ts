import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import type { ExecutionEngine } from '../../src/application/ports/execution-engine.ts';
import { runProgram } from '../../src/application/run-program.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { MemoryBlobStore } from '../../src/infrastructure/blob-store/memory-blob-store.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngine, wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { policies } from '../../src/infrastructure/guidance/policies.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';
import { createMountedHost } from '../../src/infrastructure/host/mounted-host-system.ts';

/** Where digests and checkpoints stand, and what they say, depends on the guest alone: on no engine, and on no clock. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));

/** Records on an engine, with intervals short enough for many digests; gives the events. */
async function record(name: string, engine: ExecutionEngine, millisecondsPerLook: number) {
  const [events, blobs] = [new MemoryEventStore(), new MemoryBlobStore()];
  let time = 0;
  let id = 0;
  await runProgram(
    { program: guest(name), programPath: `/bin/${name}`, record: 'it', maxInstructions: 100_000 },
    {
      guests: {
        engines: [engine.name],
        onThisHost: () => undefined,
        create: (setup, _, host) => createLinuxMachine(setup, { engine, isa: riscv64, host, hash: nodeHash }),
      },
      openHost: createMountedHost,
      stores: { events, blobs },
      hash: nodeHash,
      clock: { now: () => (time += millisecondsPerLook), turn: () => Promise.resolve() },
      newId: () => `event-${id++}`,
      policies,
      digestInterval: 1000,
      checkpointInterval: 2000,
    },
  );
  const recorded: { readonly type: string; readonly data: unknown }[] = [];
  for await (const { type, data } of events.read('machine-it')) recorded.push({ type, data });
  return recorded;
}

describe.each(['threads', 'signals', 'processes', 'memory', 'files'])('%s', (name) => {
  test('is recorded alike by every engine and on hosts of every speed', async () => {
    const expected = await record(name, goldenEngine, 1);
    const types = expected.map(({ type }) => type);
    expect(types).toContain('ExecutionAdvanced');
    expect(types).toContain('CheckpointTaken');
    expect(await record(name, wasmEngine, 1000)).toEqual(expected);
    expect(await record(name, wasmEngineWith({ hotLimit: 0 }), 1)).toEqual(expected);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import { encodePlainData } from '../../src/application/recording/plain-data.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { wasmEngine } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';
import { createMountedHost } from '../../src/infrastructure/host/mounted-host-system.ts';

const machineFor = (guest: string) =>
  createLinuxMachine(
    {
      program: readFileSync(new URL(`../guests/bin/${guest}`, import.meta.url)),
      programPath: `/bin/${guest}`,
      arguments: [],
      environment: {},
      workingDirectory: '/',
      mounts: [],
      seed: '0',
      epoch: '0',
      memorySize: 2 ** 28,
    },
    {
      engine: wasmEngine,
      isa: riscv64,
      host: createMountedHost({ mounts: [], stdin: 'closed', output: () => undefined }),
      hash: nodeHash,
    },
  );

const guests = ['files', 'processes', 'threads', 'signals', 'system', 'hello'];

describe('a machine of which digests and snapshots were taken before', () => {
  test.each(guests)('gives those of one that nobody asked, whatever %s did since', (guest) => {
    const machine = machineFor(guest);
    for (let step = 0, length = 1; step < 120 && machine.status.kind === 'running'; step++) {
      machine.advance(machine.icount + length);
      length = Math.ceil(length * 1.12);
      const [digest, snapshot] = [machine.digest(), machine.snapshot()];
      if (step % 12 !== 0 && machine.status.kind === 'running') continue;
      const other = machineFor(guest);
      // The call that ends a guest is beyond its last instruction.
      other.advance(machine.status.kind === 'running' ? machine.icount : machine.icount + 1);
      const asked = other.snapshot();
      expect([other.icount, other.digest()]).toEqual([machine.icount, digest]);
      expect(encodePlainData(snapshot.state)).toEqual(encodePlainData(asked.state));
    }
    expect(machine.icount).toBeGreaterThan(1000);
  });
});

describe('the digest of a machine that was digested before', () => {
  test.each(guests)('is that of its state, whatever %s did since', (guest) => {
    const machine = machineFor(guest);
    for (let step = 0, length = 1; step < 120 && machine.status.kind === 'running'; step++) {
      machine.digest();
      machine.advance(machine.icount + length);
      length = Math.ceil(length * 1.12);
      const digest = machine.digest();
      // What is known of a state that is put in place is nothing.
      machine.restore(machine.snapshot());
      expect([machine.icount, machine.digest()]).toEqual([machine.icount, digest]);
    }
    expect(machine.icount).toBeGreaterThan(1000);
  });
});

describe('an image of a machine', () => {
  test.each(guests)(
    'has what a snapshot has, and the pages that it costs are those that %s changed',
    (guest) => {
      const machine = machineFor(guest);
      let before = new Map<number, string>();
      let last: symbol | undefined;
      let untouched = 0;
      for (let step = 0, length = 1; step < 120 && machine.status.kind === 'running'; step++) {
        machine.advance(machine.icount + length);
        length = Math.ceil(length * 1.12);
        if (step % 3 === 0) machine.digest();
        const cost = machine.changedPages('image');
        const image = machine.image();
        const marks = new Map(
          image.pages.map((page) => {
            const mark = new Uint32Array(8);
            image.mark(page, mark);
            return [page, mark.join()];
          }),
        );
        const changed = image.pages.filter((page) => before.get(page) !== marks.get(page)).length;
        expect(cost).toBeGreaterThanOrEqual(changed);
        expect(image.before).toBe(last);
        for (const page of image.pages)
          if (image.isUntouched(page)) expect([page, marks.get(page)]).toEqual([page, before.get(page)]);
        untouched += image.pages.filter((page) => image.isUntouched(page)).length;
        [before, last] = [marks, image.id];
        if (step % 12 !== 0) continue;
        const snapshot = machine.snapshot();
        expect(image.icount).toBe(snapshot.icount);
        expect(encodePlainData(image.state)).toEqual(encodePlainData(snapshot.state));
        expect(image.pages).toEqual([...snapshot.pages.keys()].toSorted((a, b) => a - b));
        const others = image.pages.filter(
          (page) => Buffer.compare(image.read(page), snapshot.pages.get(page)!) !== 0,
        );
        expect(others).toEqual([]);
      }
      expect(machine.icount).toBeGreaterThan(1000);
      expect(untouched).toBeGreaterThan(100);
      // What was put in place has nothing to do with the last image.
      machine.restore(machine.snapshot());
      expect(machine.image().before).toBeUndefined();
    },
  );
});

import { describe, expect, test } from '@jest/globals';
import type { MachineEvent } from '../../domain/virtual-machine/events.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import type { EventToAppend } from '../ports/event-store.ts';
import { Journal, type Stores } from './journal.ts';

const event = (icount: number): MachineEvent => ({
  type: 'CheckpointTaken',
  version: 1,
  data: { icount, snapshot: 'digest' as Digest },
});

/** Stores that remember batches, and a clock that the test sets. */
function journal(failing = false) {
  const log: string[] = [];
  const time = { now: 0 };
  let revision = -1;
  const stores = {
    events: {
      append: (_: string, expected: number | 'none', events: readonly EventToAppend[]) => {
        if (failing) return Promise.reject(new Error('the disk is full'));
        expect(expected).toBe(revision < 0 ? 'none' : revision);
        revision += events.length;
        log.push(events.map(({ data }) => String((data as { icount: number }).icount)).join(' '));
        return Promise.resolve({ ok: true, value: { revision } });
      },
    },
    blobs: {
      putMany: (blobs: readonly Uint8Array[]) => {
        log.push(`${blobs.length} blobs`);
        return Promise.resolve([]);
      },
    },
  } as unknown as Stores;
  const clock = { now: () => time.now, turn: () => Promise.resolve() };
  return { log, time, journal: new Journal(stores, 'machine-it', () => 'id', clock) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a journal', () => {
  test('writes at once, then together what came within a while', async () => {
    const { log, time, journal: written } = journal();
    await written.write([event(1)]);
    await settled();
    for (time.now = 10; time.now < 1000; time.now += 300) await written.write([event(time.now)]);
    await settled();
    expect(log).toEqual(['1']);
    time.now = 1200;
    await written.write([]);
    await settled();
    expect(log).toEqual(['1', '10 310 610 910']);
    expect(written.written).toBe(5);
  });

  test('has everything written when it is flushed, blobs before the events that came with them', async () => {
    const { log, journal: written } = journal();
    await written.write([event(1)]);
    await written.write([event(2)], [new Uint8Array(1)]);
    await written.write([event(3)], [new Uint8Array(2), new Uint8Array(3)]);
    await written.flush();
    expect(log).toEqual(['1', '3 blobs', '2 3']);
  });

  test('does not wait with much', async () => {
    const { log, journal: written } = journal();
    await written.write([event(1)]);
    await settled();
    await written.write([event(2)], [new Uint8Array(2 ** 23)]);
    await settled();
    expect(log).toEqual(['1', '1 blobs', '2']);
  });

  test('fails the call after a write that failed, and every flush', async () => {
    const { journal: written } = journal(true);
    await written.write([event(1)]);
    await settled();
    await expect(written.write([event(2)])).rejects.toThrow('the disk is full');
    await expect(written.flush()).rejects.toThrow('the disk is full');
  });
});

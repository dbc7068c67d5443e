import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { asDigest, type HashFunction } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import { PointChecker } from './point-check.ts';
import type { ReplayPoint } from './recording-feed.ts';
import type { Replayer } from './replayer.ts';

const hash: HashFunction = (content) => asDigest(createHash('sha256').update(content).digest('hex'));
const state = { icount: 5, state: { brk: 1 }, pages: new Map() };
const recorded = new CheckpointWriter(hash).encode(state).snapshot;

type EventPoint = Extract<ReplayPoint, { readonly kind: 'event' }>;
const checkpoint = (snapshot = recorded): EventPoint => ({
  kind: 'event',
  event: { type: 'CheckpointTaken', version: 1, data: { icount: 5, snapshot } },
  icount: 5,
  revision: 8,
});

/** A replay that stands at instruction 5, with what differs. */
function checker(machine: object = {}, pending?: object): PointChecker {
  const replayer = {
    machine: {
      engine: 'golden',
      icount: 5,
      status: { kind: 'running' },
      unsupported: new Map(),
      image: () => ({ ...state, pages: [] }),
      ...machine,
    },
    host: { pending },
    fork: () => undefined,
  };
  const blobs = { get: () => Promise.resolve(new Uint8Array()) } as unknown as BlobStore;
  return new PointChecker(replayer as unknown as Replayer, hash, blobs);
}

describe('a replay at a checkpoint', () => {
  test('agrees when everything is as recorded', async () => {
    expect(await checker().check(checkpoint(), true)).toBeUndefined();
  });

  test('differs when its own checkpoint is another one', async () => {
    const report = await checker().check(checkpoint(hash('other')), true);
    expect(report?.fields).toEqual([{ field: 'checkpoint', expected: hash('other'), found: recorded }]);
  });

  test('differs when the guest did not ask for a reply that was given before', async () => {
    const report = await checker({}, { call: 'read', icount: 4, revision: 7 }).check(checkpoint(), false);
    expect(report?.fields).toEqual([
      { field: 'host request', expected: 'read at 4 (event 7)', found: 'none' },
    ]);
  });

  test.each([
    [{ icount: 6 }, 'instruction count'],
    [{ status: { kind: 'exited', code: 1 } }, 'status'],
  ])('differs when the machine is %j', async (machine, field) => {
    const report = await checker(machine).check(checkpoint(), false);
    expect(report?.fields.map((each) => each.field)).toEqual([field]);
  });
});

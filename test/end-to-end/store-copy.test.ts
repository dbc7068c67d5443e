import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Isochron } from '../../src/application/isochron.ts';
import { openIsochron } from '../../src/composition-root.ts';
import { InProcessServer } from '../eventstoredb/in-process-server.ts';

describe('copying recordings between stores', () => {
  let folder: string;
  let server: InProcessServer;
  let source: Isochron;
  let target: Isochron;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isochron-copy-'));
    server = await InProcessServer.start();
    source = await openIsochron({ directory: join(folder, 'source') });
    target = await openIsochron({ server: server.url, directory: join(folder, 'shared') });
    const program = await readFile(new URL('../guests/bin/hello', import.meta.url));
    await source.run({ program, programPath: '/bin/hello', record: 'first' });
  });
  afterEach(async () => {
    await source.close();
    await target.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  test('puts a recording on a server, from where it replays, and back into a directory', async () => {
    const { chain, events } = await source.show('first');
    const copy = await target.copyFrom(source, { recording: 'first' });
    expect(copy).toMatchObject({
      events,
      eventsCopied: events,
      blobsCopied: copy.blobs,
      chain,
      complete: true,
    });
    expect(await target.replay({ recording: 'first' })).toMatchObject({
      chain,
      divergence: undefined,
      complete: true,
    });
    const back = await openIsochron({ directory: join(folder, 'back') });
    expect(await back.copyFrom(target, { recording: 'first' })).toMatchObject({ chain, complete: true });
    expect(await back.replay({ recording: 'first' })).toMatchObject({ chain, divergence: undefined });
    await back.close();
  });

  test('takes branches along, and makes others on the server', async () => {
    await source.fork({ recording: 'first', at: 1000, edits: [], branch: 'same' });
    expect(await target.copyFrom(source, { recording: 'first' })).toMatchObject({ complete: true });
    const { chain } = await source.show('first/same');
    expect(await target.replay({ recording: 'first/same' })).toMatchObject({ chain, divergence: undefined });
    const { recording } = await target.fork({ recording: 'first/same', at: 2000, edits: [] });
    expect(await target.replay({ recording })).toMatchObject({ divergence: undefined, complete: true });
    expect((await target.branches('first')).map(({ branch }) => branch)).toEqual(['main', 'fork-1', 'same']);
    await expect(target.copyFrom(source, { recording: 'first/same' })).rejects.toThrow(
      /nothing without its parent/,
    );
  });

  test('goes on where it was stopped', async () => {
    const stop = new AbortController();
    const begun = await target.copyFrom(source, {
      recording: 'first',
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    expect(begun).toMatchObject({ complete: false, eventsCopied: 0 });
    expect(begun.blobsCopied).toBeGreaterThan(0);
    const stream = 'machine-first';
    for await (const { id, type, version, data } of source.stores.events.read(stream, { limit: 2 }))
      await target.stores.events.append(stream, 'any', [{ id, type, version, data }]);
    const { events } = await source.show('first');
    const rest = await target.copyFrom(source, { recording: 'first' });
    expect(rest).toMatchObject({ complete: true, eventsCopied: events - 2, blobsCopied: 0 });
    const again = await target.copyFrom(source, { recording: 'first' });
    expect(again).toMatchObject({ complete: true, eventsCopied: 0, blobsCopied: 0 });
  });

  test('copies each event once to a server that vanishes meanwhile', async () => {
    server.faults.ask('vanish-after-append', 2);
    const { events } = await source.show('first');
    expect(await target.copyFrom(source, { recording: 'first' })).toMatchObject({ complete: true, events });
    expect(server.faults.pending).toBe(0);
    expect((await target.show('first')).events).toBe(events);
  });

  test('records on a server that takes little at a time', async () => {
    const small = await InProcessServer.start(700);
    const store = await openIsochron({ server: small.url, directory: join(folder, 'small') });
    const program = await readFile(new URL('../guests/bin/system', import.meta.url));
    const { events } = await store.run({ program, programPath: '/bin/system', record: 'parts' });
    expect((await store.show('parts')).events).toBe(events);
    expect(await store.replay({ recording: 'parts' })).toMatchObject({
      divergence: undefined,
      complete: true,
    });
    await store.close();
    await small.close();
  });

  test('refuses to mix with another recording of that name', async () => {
    const program = await source.program('first');
    await target.run({ program, programPath: '/bin/hello', record: 'first', seed: 'other' });
    await expect(target.copyFrom(source, { recording: 'first' })).rejects.toMatchObject({
      code: 'recording-exists',
      message: expect.stringContaining('event 0 differs'),
    });
  });
});

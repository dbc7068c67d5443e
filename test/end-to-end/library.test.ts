import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, map, toArray } from 'rxjs';
import { type Isochron, openIsochron } from '../../src/library.ts';

/** What docs/how-to/use-the-library.md shows, on real guests. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));

describe('the library', () => {
  let directory = '';
  let isochron: Isochron;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'isochron-library-'));
    isochron = await openIsochron({ directory });
  });
  afterAll(async () => {
    await isochron.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('runs a program and hands over what it writes', async () => {
    let written = '';
    const result = await isochron.run({
      program: guest('hello'),
      programPath: '/bin/hello',
      arguments: ['one'],
      output: (to, bytes) => (written += `${to}: ${new TextDecoder().decode(bytes)}`),
    });
    expect(written).toBe('stdout: hello, world\nargument 1: one\n');
    expect(result.status).toEqual({ kind: 'exited', code: 1 });
    expect(result.recording).toBeUndefined();
  });

  test('records, and replays on the other engine with the same digest chain', async () => {
    const recorded = await isochron.run({
      program: guest('hello-musl'),
      programPath: '/bin/hello',
      environment: { A: '1' },
      record: 'first',
    });
    const replayed = await isochron.replay({ recording: 'first', engine: 'golden' });
    expect(replayed).toMatchObject({ complete: true, divergence: undefined, icount: recorded.icount });
    expect(replayed.chain).toBe(recorded.chain);
  });

  test('gives events as an Observable, stored and live', async () => {
    const types = isochron.events({ recording: 'first' }).pipe(
      map(({ type }) => type),
      toArray(),
    );
    expect(await firstValueFrom(types)).toEqual(
      ['MachineCreated', 'MachineStarted', 'HostReplied', 'HostReplied', 'MachineExited'].filter(
        (_, index, all) => index !== 3 || all.length > 4,
      ),
    );
    const live = firstValueFrom(
      isochron.events({ recording: 'later', follow: true, limit: 2 }).pipe(toArray()),
    );
    await isochron.run({ program: guest('hello-musl'), programPath: '/bin/hello', record: 'later' });
    expect((await live).map(({ type }) => type)).toEqual(['MachineCreated', 'MachineStarted']);
  });

  test('stands at any instruction of a recording', async () => {
    const instant = await isochron.inspect({ recording: 'first', at: 100 });
    expect(instant.icount).toBe(100);
    const [thread] = instant.threads;
    const [line] = instant.disassemble({ address: thread!.pc, before: 0, count: 1 });
    expect(line?.address).toBe(thread!.pc);
    expect(instant.memory(thread!.pc, 2)?.length).toBe(2);
    const again = await isochron.inspect({ recording: 'first', at: 100, engine: 'golden' });
    expect(again.digest).toBe(instant.digest);
  });

  test('travels to instants and events of a recording', async () => {
    const session = await isochron.travel({ recording: 'first' });
    await session.seek(1000);
    await session.reverseStep();
    expect(session.icount).toBe(999);
    const write = await session.previous({ registers: [{ access: 'write', register: 'x10' }] });
    expect(session.icount).toBe(write!.icount);
    const call = await session.next({ events: ['system-call'] });
    expect(call).toMatchObject({ kind: 'system-call', icount: session.icount - 1 });
  });

  test('compares two engines in lock-step', async () => {
    const compared = await isochron.compare({ recording: 'first', engines: ['wasm', 'golden'] });
    expect(compared).toMatchObject({ complete: true, divergence: undefined });
    expect(compared.comparisons).toBeGreaterThan(0);
  });

  test('refuses what does not exist with a code', async () => {
    await expect(isochron.replay({ recording: 'nothing' })).rejects.toMatchObject({
      code: 'unknown-recording',
    });
    await expect(
      isochron.run({ program: guest('hello'), programPath: '/bin/hello', engine: 'abacus' }),
    ).rejects.toMatchObject({ code: 'unknown-engine' });
    await expect(
      isochron.run({ program: guest('hello'), programPath: '/bin/hello', record: 'first' }),
    ).rejects.toMatchObject({ code: 'recording-exists' });
  });
});

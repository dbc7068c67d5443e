import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Effect, type Isochron, openIsochron, type TraceRequest } from '../../src/library.ts';
import { guest } from './recording-terminal.ts';

/** Effects, one by one: what is told of them must add up to the states that travel shows. */

let isochron: Isochron;
beforeAll(async () => {
  isochron = await openIsochron();
  for (const name of ['tally', 'signals', 'processes', 'system', 'threads'])
    await isochron.run({
      program: readFileSync(guest(name)),
      programPath: `/bin/${name}`,
      record: name,
      stdin: Buffer.from('3\n14\n15\n'),
      maxInstructions: name === 'threads' ? 12_000 : 66_000,
    });
});
afterAll(() => isochron.close());

async function effectsOf(request: TraceRequest): Promise<readonly Effect[]> {
  const effects: Effect[] = [];
  for await (const some of isochron.effects(request)) effects.push(...some);
  return effects;
}

const sharesMemory = 0x100n;

/** Registers and memory as effects have them: what is not known yet is learned from what was there before. */
class Model {
  readonly registers = new Map<string, bigint>();
  readonly bytes = new Map<string, number>();
  readonly wrong: string[] = [];
  /** Address spaces by process: a vfork’s child has its parent’s, execve makes another. */
  readonly #spaces = new Map<number, string>();
  #lent: string | undefined;

  space(process: number): string {
    const known = this.#spaces.get(process);
    const space = known ?? this.#lent ?? `${process}`;
    if (known === undefined) this.#lent = undefined;
    this.#spaces.set(process, space);
    return space;
  }

  apply(effect: Effect): void {
    const { kind, process, register, address, size, before, after, data } = effect;
    const space = this.space(process);
    if (kind === 'system-call' && effect.call === 'execve') this.#spaces.set(process, `${process} anew`);
    if (kind === 'system-call' && effect.call === 'clone' && effect.arguments![0]! & sharesMemory)
      this.#lent = space;
    // Instructions go on to the next one without an effect on pc.
    if (register !== undefined && register !== 'pc') {
      const key = `${effect.thread} ${register}`;
      this.#expect(effect, key, this.registers.get(key), before!);
      this.registers.set(key, after!);
    }
    // Its arguments lie in the memory that it replaces.
    if (address === undefined || (kind === 'memory-read' && effect.call === 'execve')) return;
    for (let at = 0; at < size!; at++) {
      const key = `${space} ${address + BigInt(at)}`;
      const byte = (value: bigint) => Number((value >> BigInt(8 * at)) & 0xffn);
      const now = data === undefined ? byte(after!) : data[at]!;
      if (data === undefined || kind === 'memory-read')
        this.#expect(effect, key, this.bytes.get(key), data === undefined ? byte(before!) : now);
      this.bytes.set(key, now);
    }
  }

  #expect({ icount, kind }: Effect, key: string, known: bigint | number | undefined, told: bigint | number) {
    if (known !== undefined && known !== told)
      this.wrong.push(`${kind} ${key} at ${icount}: ${known}, ${told}`);
  }
}

describe('effects', () => {
  test.each(['tally', 'signals', 'processes', 'system', 'threads'])(
    'of %s follow from one another, and lead to the states that travel shows',
    async (recording) => {
      const session = await isochron.travel({ recording });
      const model = new Model();
      const counts: number[] = [];
      for await (const effects of isochron.effects({ recording, to: session.last }))
        for (const effect of effects) {
          model.apply(effect);
          if (effect.kind === 'instruction') counts.push(effect.icount);
        }
      expect(model.wrong).toEqual([]);
      expect(counts).toEqual(Array.from({ length: session.last }, (_, icount) => icount));
      await session.seek(session.last);
      const threads = session.threads();
      for (const { id } of threads)
        for (const [register, value] of session.registers(id)!) {
          const known = model.registers.get(`${id} ${register}`);
          if (known !== undefined) expect({ id, register, known }).toEqual({ id, register, known: value });
        }
      for (const { id, process } of threads)
        for (const [key, known] of model.bytes) {
          const [space, address] = key.split(/ (?=\d+$)/);
          const byte = space === model.space(process) && session.memory(BigInt(address!), 1, id);
          if (byte && byte[0] !== known) expect({ key, known }).toEqual({ key, known: byte[0] });
        }
    },
  );

  test('of a range and of some kinds are those of all', async () => {
    const all = await effectsOf({ recording: 'tally' });
    const some = all.filter(({ icount, kind }) => kind === 'memory-write' && icount >= 100 && icount < 200);
    expect(some.length).toBeGreaterThan(10);
    const range = { recording: 'tally', from: 100, to: 200 };
    expect(await effectsOf({ ...range, kinds: ['memory-write'] })).toEqual(some);
    const [address, length] = [some.at(-1)!.address!, 1];
    const there = await effectsOf({ ...range, kinds: ['memory-write'], memory: { address, length } });
    expect(there).toEqual(some.filter((effect) => effect.address === address));
    const calls = (effect: Effect) => ['system-call', 'signal', 'thread-switch'].includes(effect.kind);
    const kinds = ['system-call', 'signal', 'thread-switch'] as const;
    expect(await effectsOf({ recording: 'tally', kinds })).toEqual(all.filter(calls));
  });

  test('of accesses to some bytes are found by the index', async () => {
    const request = { recording: 'threads', kinds: ['memory-write'] as const };
    const written = (await effectsOf(request)).at(-1)!;
    const memory = { address: written.address!, length: written.size! };
    const without = await effectsOf({ ...request, memory });
    await isochron.index({ recording: 'threads', sliceLength: 1024 });
    const progress: number[] = [];
    const found = {
      ...request,
      memory,
      onProgress: ({ icount }: { icount: number }) => progress.push(icount),
    };
    expect(await effectsOf(found)).toEqual(without);
    expect(progress[0]).toBeGreaterThan(0);
  });

  test('say which system call returned what, also where it had to wait', async () => {
    const calls = await effectsOf({ recording: 'system', kinds: ['system-call', 'register-write'] });
    const asked = calls.find(({ kind, call }) => kind === 'system-call' && call === 'waitid')!;
    expect(asked).toMatchObject({ by: 'instruction', thread: 100, result: undefined });
    const returned = calls.find(
      ({ by, call, register }) => by === 'system' && call === 'waitid' && register,
    )!;
    expect(returned).toMatchObject({ thread: 100, register: 'x10', after: 0n });
    expect(returned.icount).toBeGreaterThan(asked.icount);
    const written = calls.find(({ call, kind }) => call === 'write' && kind === 'system-call');
    expect(written).toMatchObject({ result: written!.arguments![2] });
  });

  test('outside the recording are refused', async () => {
    await expect(effectsOf({ recording: 'tally', from: 500 })).rejects.toThrow(
      'tally has instructions 0 to 401, not 500',
    );
    await expect(effectsOf({ recording: 'tally', from: 9, to: 8 })).rejects.toThrow('8 comes before 9');
  });
});

describe('a Parquet file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'isochron-parquet-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has the effects as rows, as another reader sees them', async () => {
    const file = join(folder, 'tally.parquet');
    const effects = await effectsOf({ recording: 'tally' });
    const result = await isochron.exportEffects({ recording: 'tally', file });
    expect(result).toEqual({ file, rows: effects.length, bytes: statSync(file).size });
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), utf8: false });
    expect(rows).toHaveLength(effects.length);
    const values = rows.map(({ icount, kind, register, address, size, before, after, pc }) => ({
      ...{ icount: Number(icount), kind, register, address, size, before, after, pc },
    }));
    const expected = effects.map(({ icount, kind, register, address, size, before, after, pc }) => ({
      ...{ icount, kind, register, address, size, before, after, pc },
    }));
    const nulls = (list: readonly object[]) =>
      list.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? null])));
    expect(nulls(values)).toEqual(nulls(expected));
    const output = rows.find(({ system_call: call, data }) => call === 'write' && data);
    expect(Buffer.from(output!['data'] as Uint8Array).toString()).toMatch(/^3 numbers/);
    expect(readdirSync(folder)).toEqual(['tally.parquet']);
    await expect(isochron.exportEffects({ recording: 'tally', file })).rejects.toThrow(/EEXIST/);
  });

  test('has groups of rows, and is not there when its making was stopped', async () => {
    const file = join(folder, 'system.parquet');
    await isochron.exportEffects({ recording: 'system', file, to: 25_000 });
    const { row_groups: groups, num_rows: rows } = await parquetMetadataAsync(
      await asyncBufferFromFile(file),
    );
    expect(groups.length).toBeGreaterThan(1);
    expect(groups.reduce((sum, group) => sum + group.num_rows, 0n)).toBe(rows);
    const stopped = new AbortController();
    const onProgress = () => stopped.abort();
    const request = { recording: 'system', file: join(folder, 'half.parquet'), onProgress };
    await expect(isochron.exportEffects({ ...request, signal: stopped.signal })).rejects.toThrow(/abort/);
    expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
  });
});

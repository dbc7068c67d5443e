import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuestEvent, type Isochron, openIsochron, type Search } from '../../src/library.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { recordingBlobs } from '../../src/application/manage-recordings.ts';
import { writeGuest } from './assembled-guest.ts';

/** Searches with an index give what searches without one give, wherever they begin. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));
const recordings = ['threads', 'signals', 'processes', 'scattered'];

/** Accesses of all sizes at scattered addresses, some across granules and pages, some by the system, some in another round only. */
const scattered = `
        li s0, 3000
        addi s1, sp, -2047
        addi s1, s1, -1024
loop:   andi t0, s0, 1023
        add t1, s1, t0
        sb s0, 0(t1)
        sh s0, 7(t1)
        lw t2, 13(t1)
        sd t2, 29(t1)
        addi s0, s0, -1
        andi t3, s0, 511
        bnez t3, next
        addi s5, s0, 1
        li a0, 1
        addi a1, s1, 64
        li a7, 113
        ecall
        amoadd.w a3, s0, (sp)
next:   bnez s0, loop
        li a0, 0
        li a7, 93
        ecall
`;

const brief = (event: GuestEvent | undefined) =>
  event &&
  JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

describe('an index of effects', () => {
  let isochron: Isochron;
  let folder = '';
  beforeAll(async () => {
    isochron = await openIsochron();
    folder = mkdtempSync(join(tmpdir(), 'isochron-'));
    const program = readFileSync(writeGuest(join(folder, 'guest'), scattered));
    await isochron.run({ program, programPath: '/bin/scattered', record: 'scattered' });
    for (const name of recordings.slice(0, -1))
      await isochron.run({ program: guest(name), programPath: `/bin/${name}`, record: name });
  });
  afterAll(async () => {
    await isochron.close();
    rmSync(folder, { recursive: true });
  });

  test.each(recordings)('finds in %s what replaying all of it finds', async (recording) => {
    const plain = await isochron.travel({ recording });
    const { last } = plain;
    const sliceLength = Math.ceil(last / 40);
    const indexed = await isochron.index({ recording, sliceLength });
    expect(indexed).toMatchObject({ made: 3, chunks: 3, damage: [] });
    const session = await isochron.travel({ recording });
    const random = new Random(7n);
    const places: { readonly from: number; readonly sp: bigint; readonly pc: bigint }[] = [];
    for (let place = 0; place < 2; place++) {
      await plain.seek(random.below(last));
      const sp = plain.registers()!.get('x2')!;
      places.push({ from: random.below(last), sp, pc: plain.pc() });
    }
    // Engines make code anew when loads begin to be watched, so all searches of a kind follow one another.
    const kinds: ((place: { readonly sp: bigint; readonly pc: bigint }) => Search)[] = [
      ({ sp }) => ({
        memory: [{ access: 'write', address: sp - 3072n + BigInt(random.below(1024)), length: 8 }],
      }),
      ({ pc }) => ({
        breakpoints: [pc + 2n],
        registers: [{ access: 'write', register: random.pick(['x9', 'x21', 'x27', 'f8']) }],
      }),
      ({ sp }) => ({
        memory: [{ access: 'read', address: sp - 3072n + BigInt(random.below(3072)), length: 64 }],
      }),
    ];
    let found = 0;
    for (const kind of kinds)
      for (const place of places) {
        const search = kind(place);
        for (const direction of ['previous', 'next'] as const) {
          await plain.seek(place.from);
          const expected = await plain[direction](search);
          await session.seek(place.from);
          expect(brief(await session[direction](search))).toBe(brief(expected));
          expect(session.icount).toBe(plain.icount);
          if (expected) found++;
        }
      }
    expect(session.digest()).toBe(plain.digest());
    expect(found).toBeGreaterThan(1);
  });

  test('is done without where it is lost, names that, and is made again', async () => {
    const recording = 'signals';
    const { chunks } = await isochron.index({ recording, sliceLength: 500 });
    expect(chunks).toBeGreaterThan(2);
    const search: Search = { registers: [{ access: 'write', register: 'x27' }] };
    const plain = await isochron.travel({ recording });
    const expected = brief(await plain.next(search));
    const live = await Promise.all(recordings.map((name) => recordingBlobs(name, isochron.stores)));
    await isochron.stores.blobs.collect(new Set(live.flatMap((digests) => [...digests])));
    const session = await isochron.travel({ recording });
    expect(brief(await session.next(search))).toBe(expected);
    expect(session.effects.damage).toEqual([
      expect.stringMatching(/^chunk 0 of the index: .*missing|lost|no blob/),
    ]);
    const again = await isochron.index({ recording });
    expect(again).toMatchObject({ made: chunks, chunks });
    expect(again.damage).toHaveLength(chunks);
    expect((await isochron.index({ recording })).damage).toEqual([]);
  });

  test('goes on where it was interrupted', async () => {
    const recording = 'scattered';
    await isochron.dropIndex(recording);
    const stop = new AbortController();
    const first = await isochron.index({
      recording,
      sliceLength: 500,
      signal: stop.signal,
      onProgress: ({ icount }) => {
        if (icount > 10_000) stop.abort();
      },
    });
    expect(first.indexed).toBe(8000);
    const second = await isochron.index({ recording });
    expect(second.indexed).toBe(second.icount);
    expect(second.made).toBe(second.chunks - 1);
  });
});

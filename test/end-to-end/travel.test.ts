import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Isochron, openIsochron, type TravelSession } from '../../src/library.ts';
import { writeGuest } from './assembled-guest.ts';

/** Walks through recordings in both directions and holds every instant against a straight run. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));

/** Numbers that look random and are the same every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state / 2 ** 32;
  }
}

const picture = (session: TravelSession) => ({
  icount: session.icount,
  digest: session.digest(),
  registers: session.threads().map(({ id }) => [id, [...session.registers(id)!]]),
});

const recordings = ['threads', 'signals', 'processes', 'compute'];

/** Stores zeros to 16 fresh pages, waits a little, and loads what sysinfo(2) calls free memory. */
const touchingZeros = `
        li a0, 0
        li a1, 65536
        li a2, 3
        li a3, 0x22
        li a4, -1
        li a5, 0
        li a7, 222
        ecall
        mv s0, a0
        li t0, 16
        li t1, 4096
touch:  sd zero, 0(a0)
        add a0, a0, t1
        addi t0, t0, -1
        bnez t0, touch
        li t0, 1000
wait:   addi t0, t0, -1
        bnez t0, wait
        addi a0, sp, -256
        li a7, 179
        ecall
        ld s1, -216(sp)
        li t0, 50
after:  addi t0, t0, -1
        bnez t0, after
        mv a0, s1
        li a7, 93
        ecall
`;

describe('a travel session', () => {
  let isochron: Isochron;
  beforeAll(async () => {
    isochron = await openIsochron();
    for (const name of recordings)
      await isochron.run({ program: guest(name), programPath: `/bin/${name}`, record: name });
  });
  afterAll(() => isochron.close());

  test.each(recordings)('sees in %s, wherever it goes, what a straight run sees', async (recording) => {
    const session = await isochron.travel({ recording });
    const random = numbers(7);
    const visited: ReturnType<typeof picture>[] = [];
    for (let move = 0; move < 60; move++) {
      const choice = random.next().value;
      const size = Math.floor(10 ** (random.next().value * 5));
      if (choice < 0.2) await session.seek(Math.floor(random.next().value * session.last));
      else if (choice < 0.6) await session.reverseStep(size);
      else await session.step(size);
      visited.push(picture(session));
    }
    const straight = await isochron.travel({ recording, memoryBudget: 0 });
    for (const expected of visited.sort((a, b) => a.icount - b.icount)) {
      await straight.seek(expected.icount);
      expect(expected).toEqual(picture(straight));
    }
  });

  test.each(recordings)('goes to the ends of %s and not beyond', async (recording) => {
    const session = await isochron.travel({ recording });
    expect(await session.reverseStep()).toBe(0);
    await session.seek(session.last);
    expect(session.threads().length).toBeGreaterThan(0);
    expect(await session.step(10)).toBe(0);
    await expect(session.seek(session.last + 1)).rejects.toMatchObject({ code: 'instant-out-of-range' });
    await expect(session.seek(-1)).rejects.toMatchObject({ code: 'instant-out-of-range' });
  });

  test('a guest that asks for the free memory gets one answer, wherever the cursor came from', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isochron-'));
    const file = writeGuest(join(folder, 'guest'), touchingZeros);
    await isochron.run({ program: readFileSync(file), programPath: '/bin/guest', record: 'free-memory' });
    rmSync(folder, { recursive: true });
    const straight = await isochron.travel({ recording: 'free-memory', memoryBudget: 0 });
    await straight.seek(straight.last);
    const session = await isochron.travel({ recording: 'free-memory' });
    await session.seek(session.last);
    await session.reverseStep(300);
    await session.reverseStep(10);
    await session.seek(session.last);
    expect(picture(session)).toEqual(picture(straight));
    expect(session.registers()!.get('x10')).toBe(straight.registers()!.get('x10'));
  });

  test('refuses a recording that is not there', async () => {
    await expect(isochron.travel({ recording: 'nothing' })).rejects.toMatchObject({
      code: 'unknown-recording',
    });
  });

  test('keeps no more states in memory than its budget, and still arrives', async () => {
    const session = await isochron.travel({ recording: 'compute', memoryBudget: 2 ** 20 });
    const there = Math.floor(session.last / 2);
    await session.seek(there);
    const expected = picture(session);
    for (let step = 0; step < 20; step++) await session.reverseStep(1000);
    expect(session.materialised.bytes).toBeLessThan(2 ** 22);
    await session.seek(there);
    expect(picture(session)).toEqual(expected);
  });
});

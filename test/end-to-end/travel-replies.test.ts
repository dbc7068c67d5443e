import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Isochron, openIsochron, type TravelSession } from '../../src/library.ts';
import { writeGuest } from './assembled-guest.ts';

/** Writes single bytes 10,000 times, slowly enough for checkpoints between, and counts what write(2) says; more replies than are kept for going back. */
const writingMuch = `
        li s0, 10000
        li s1, 0
again:  li a0, 1
        addi a1, sp, -64
        li a2, 1
        li a7, 64
        ecall
        add s1, s1, a0
        li t0, 400
spin:   addi t0, t0, -1
        bnez t0, spin
        addi s0, s0, -1
        bnez s0, again
        li a0, 0
        li a7, 93
        ecall
`;

const folder = mkdtempSync(join(tmpdir(), 'isochron-'));
const recording = 'writing';
let isochron: Isochron;
beforeAll(async () => {
  isochron = await openIsochron({ digestInterval: 2 ** 18, checkpointInterval: 2 ** 20 });
  const program = readFileSync(writeGuest(join(folder, 'guest'), writingMuch));
  await isochron.run({ program, programPath: '/bin/guest', record: recording });
});
afterAll(async () => {
  await isochron.close();
  rmSync(folder, { recursive: true });
});

const written = (session: TravelSession): bigint => session.registers()!.get('x9')!;

test('a cursor that starts late has the replies that come next', async () => {
  const straight = await isochron.travel({ recording, memoryBudget: 0 });
  await straight.seek(straight.last - 50);
  for (const from of [0.2, 0.5, 0.95]) {
    const session = await isochron.travel({ recording });
    await session.seek(Math.floor(session.last * from));
    await session.seek(session.last - 50);
    expect(written(session)).toBe(written(straight));
    expect(session.digest()).toBe(straight.digest());
  }
});

test('a cursor that has left thousands of replies behind goes back to them, and on', async () => {
  const session = await isochron.travel({ recording });
  await session.seek(session.last - 8);
  const late = written(session);
  const last = session.icount;
  for (const share of [0.999, 0.9, 0.3, 0.97]) {
    const there = Math.floor(last * share);
    await session.seek(there);
    const fresh = await isochron.travel({ recording, memoryBudget: 0 });
    await fresh.seek(there);
    expect([there, session.digest()]).toEqual([there, fresh.digest()]);
    await session.seek(last);
    expect(written(session)).toBe(late);
  }
}, 60_000);

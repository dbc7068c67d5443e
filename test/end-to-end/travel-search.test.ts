import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type GuestEvent,
  type Isochron,
  openIsochron,
  type Search,
  type TravelSession,
} from '../../src/library.ts';
import { writeGuest } from './assembled-guest.ts';

/** Searches forwards and backwards through recordings, held against each other and against looking at every instant. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));
const recordings = ['threads', 'signals', 'processes', 'system'];

/** A loop that counts in memory, with a system call that writes into the guest and a store that changes nothing. */
const counting = `
        addi sp, sp, -64
        li s0, 40
loop:   ld t0, 0(sp)
        addi t0, t0, 3
        sd t0, 0(sp)
        call touch
        addi s0, s0, -1
        bnez s0, loop
        li a0, 1
        mv a1, sp
        li a7, 113
        ecall
        li a0, 0
        li a7, 93
        ecall
touch:  sd zero, 32(sp)
        li t1, 5
        sb t1, 8(sp)
        ret
`;

const brief = ({ icount, kind, thread, pc }: GuestEvent) => `${icount} ${kind} of ${thread} at ${pc}`;

async function all(session: TravelSession, search: Search, limit: number): Promise<GuestEvent[]> {
  const events: GuestEvent[] = [];
  while (events.length < limit) {
    const event = await session.next(search);
    if (!event) return events;
    expect(session.icount).toBe(event.icount + (event.kind === 'breakpoint' ? 0 : 1));
    events.push(event);
  }
  return events;
}

async function allBackwards(session: TravelSession, search: Search, from: number): Promise<GuestEvent[]> {
  const events: GuestEvent[] = [];
  for (;;) {
    const event = await session.previous(search);
    if (!event) expect(session.icount).toBe(0);
    if (!event || event.icount < from) return events.reverse();
    expect(session.icount).toBe(event.icount);
    events.push(event);
  }
}

describe('a search through a recording', () => {
  let isochron: Isochron;
  let folder = '';
  beforeAll(async () => {
    isochron = await openIsochron();
    folder = mkdtempSync(join(tmpdir(), 'isochron-'));
    const program = readFileSync(writeGuest(join(folder, 'guest'), counting));
    await isochron.run({ program, programPath: '/bin/counting', record: 'counting' });
    for (const name of recordings)
      await isochron.run({ program: guest(name), programPath: `/bin/${name}`, record: name });
  });
  afterAll(async () => {
    await isochron.close();
    rmSync(folder, { recursive: true });
  });

  /** What looking at every instant shows. */
  async function walk(look: (session: TravelSession) => void): Promise<void> {
    const session = await isochron.travel({ recording: 'counting', engine: 'golden' });
    do look(session);
    while ((await session.step()) === 1);
  }

  test('meets an address at every instant that has it as pc, and at no other', async () => {
    const session = await isochron.travel({ recording: 'counting' });
    await session.seek(5);
    const address = session.pc();
    const instants: number[] = [];
    await walk((walker) => {
      if (walker.pc() === address) instants.push(walker.icount);
    });
    expect(instants.length).toBeGreaterThan(30);
    await session.seek(0);
    const search = { breakpoints: [address] };
    expect((await all(session, search, 99)).map(({ icount }) => icount)).toEqual(instants);
    expect(session.icount).toBe(session.last);
    expect((await allBackwards(session, search, 0)).map(({ icount }) => icount)).toEqual(instants);
  });

  test('finds every change of memory, by an instruction or by the system, where it happens', async () => {
    const session = await isochron.travel({ recording: 'counting' });
    await session.seek(2);
    const address = session.registers()!.get('x2')!;
    const changes = new Map<number, string>();
    let before = '';
    await walk((walker) => {
      const now = Buffer.from(walker.memory(address, 16) ?? []).toString('hex');
      if (before !== '' && now !== before) changes.set(walker.icount - 1, now);
      before = now;
    });
    await session.seek(0);
    const search = { memory: [{ access: 'write', address, length: 16 }] } as const;
    const events = await all(session, search, 999);
    const instants = new Set(events.map(({ icount }) => icount));
    for (const instant of changes.keys()) expect(instants).toContain(instant);
    expect(events.filter((event) => event.kind === 'watchpoint' && event.by === 'system')).toHaveLength(1);
    // 40 counts, 40 bytes of which one changed something, and what clock_gettime wrote.
    expect(events).toHaveLength(81);
    expect((await allBackwards(session, search, 0)).map(brief)).toEqual(events.map(brief));
  });

  test('judges events by a condition, in the midst of them', async () => {
    const session = await isochron.travel({ recording: 'counting' });
    await session.seek(2);
    const address = session.registers()!.get('x2')!;
    const value = (moment: Pick<TravelSession, 'memory'>) =>
      Buffer.from(moment.memory(address, 8)!).readBigUInt64LE();
    const event = await session.next({
      memory: [{ access: 'write', address, length: 8 }],
      where: (_, moment) => value(moment) > 50n,
    });
    expect(event).toMatchObject({ kind: 'watchpoint', by: 'instruction' });
    expect(value(session)).toBe(51n);
    await session.seek(session.icount - 1);
    expect(value(session)).toBe(48n);
    const register = await session.previous({
      registers: [{ access: 'write', register: 'x5' }],
      where: (_, moment) => moment.registers()!.get('x5') === 30n,
    });
    await session.seek(register!.icount + 1);
    expect(session.registers()!.get('x5')).toBe(30n);
  });

  test.each(recordings)(
    'finds in %s the same events in both directions, wherever it begins',
    async (recording) => {
      const session = await isochron.travel({ recording });
      const from = Math.floor(session.last / 3);
      await session.seek(from);
      const address = session.registers()!.get('x2')! - 256n;
      const search: Search = {
        memory: [{ access: 'write', address, length: 512 }],
        events: ['system-call', 'signal', 'thread-switch'],
      };
      const forwards = await all(session, search, 20);
      expect(forwards.length).toBeGreaterThan(3);
      const backwards = await allBackwards(session, search, from);
      expect(backwards.map(brief)).toEqual(forwards.map(brief));
      const engine = await isochron.travel({ recording, engine: 'golden' });
      await engine.seek(forwards[0]!.icount);
      expect(brief((await engine.next(search))!)).toBe(brief(forwards[0]!));
    },
  );

  test('stops at a breakpoint with the state of a straight run, also where a signal or a turn precedes it', async () => {
    const session = await isochron.travel({ recording: 'signals' });
    const signals = await all(session, { events: ['signal'] }, 99);
    expect(signals.length).toBeGreaterThan(2);
    const straight = await isochron.travel({ recording: 'signals', memoryBudget: 0 });
    for (const { icount } of signals.slice(0, 4)) {
      await session.seek(icount + 1);
      // The handler's first instruction has just executed: its address is close before.
      const pc = session.pc();
      await session.seek(Math.max(0, icount - 3));
      const found = await session.next({ breakpoints: [pc - 2n, pc - 4n] });
      await straight.seek(found!.icount);
      expect([session.icount, session.digest()]).toEqual([straight.icount, straight.digest()]);
    }
  });

  test('stands at the first instruction of a handler with its signal delivered, in both directions', async () => {
    const session = await isochron.travel({ recording: 'signals' });
    const signals = await all(session, { events: ['signal'] }, 4);
    let handled = 0;
    for (const { icount, thread } of signals) {
      await session.seek(icount);
      const before = session.pc(thread);
      const straight = session.digest();
      // What executes in the midst of this instant is what one step leaves behind.
      await session.seek(icount + 1);
      const after = session.pc(thread);
      const search = { breakpoints: [after - 2n, after - 4n] };
      await session.seek(icount);
      const found = await session.next({ ...search, limit: 1 });
      if (found?.icount !== icount) continue;
      handled++;
      await session.within(found, undefined);
      expect([session.icount, session.pc(thread)]).toEqual([icount, found.pc]);
      expect(await session.next({ ...search, limit: 1 })).toBeUndefined();
      const back = await session.previous(search);
      expect(back).toMatchObject({ icount, pc: found.pc });
      await session.within(back!);
      expect(session.pc(thread)).toBe(found.pc);
      await session.seek(icount);
      expect([session.pc(thread), session.digest()]).toEqual([before, straight]);
    }
    expect(handled).toBeGreaterThan(0);
  });

  test('meets again what it met before, once it was elsewhere', async () => {
    const session = await isochron.travel({ recording: 'counting' });
    const store = await session.next({ registers: [{ access: 'write', register: 'x6' }] });
    await session.seek(0);
    expect(await session.next({ breakpoints: [store!.pc] })).toMatchObject({ icount: store!.icount });
    await session.seek(0);
    expect(await session.next({ breakpoints: [store!.pc] })).toMatchObject({ icount: store!.icount });
  });

  test('meets a breakpoint of the thread whose turn begins at the cursor, and then passes it', async () => {
    const session = await isochron.travel({ recording: 'threads' });
    const isTurn = (event: GuestEvent) => event.kind === 'thread-switch';
    let turn = await session.next({ events: ['thread-switch'] });
    // One that the clock brought about, not a wait: the thread stands where it was interrupted.
    while (turn && turn.icount % 32_768 !== 0)
      turn = await session.next({ events: ['thread-switch'], where: isTurn });
    if (turn?.kind !== 'thread-switch') throw new Error('the clock never changes turns');
    await session.seek(turn.icount);
    const address = session.pc(turn.to);
    const search = { breakpoints: [address], thread: turn.to };
    expect(await session.next(search)).toMatchObject({ icount: turn.icount, thread: turn.to, pc: address });
    expect(session.icount).toBe(turn.icount);
    const later = await session.next(search);
    if (later) expect(later.icount).toBeGreaterThan(turn.icount);
  });

  test('says that nothing is left, and refuses what cannot be looked for', async () => {
    const session = await isochron.travel({ recording: 'counting' });
    expect(await session.next({ breakpoints: [0n, 2n ** 64n - 4n] })).toBeUndefined();
    expect(session.icount).toBe(session.last);
    expect(await session.previous({ events: ['signal'] })).toBeUndefined();
    expect(session.icount).toBe(0);
    const refused = [
      { registers: [{ access: 'write', register: 'pc' }] },
      { registers: [{ access: 'read', register: 'x99' }] },
      { memory: [{ access: 'any', address: 0n, length: 0 }] },
    ] as const;
    for (const search of refused)
      await expect(session.next(search)).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

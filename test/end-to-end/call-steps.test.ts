import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type Isochron, openIsochron, type TravelSession } from '../../src/library.ts';
import { guest } from './recording-terminal.ts';

/** Steps over calls and out of functions, in both directions: `tally` calls functions, one of which calls itself. */

let isochron: Isochron;
let session: TravelSession;
beforeAll(async () => {
  isochron = await openIsochron();
  const program = readFileSync(guest('tally'));
  for (const [record, stdin] of [
    ['tally', '3\n14\n15\n'],
    ['long', '123456\n'.repeat(100)],
  ] as const)
    await isochron.run({ program, programPath: '/bin/tally', record, stdin: Buffer.from(stdin) });
  session = await isochron.travel({ recording: 'tally' });
});
afterAll(() => isochron.close());

/** Every call and return as a straight walk sees them: by where control goes after an instruction that links. */
async function callsOf(recording: string): Promise<{ call: number; returned: number | undefined }[]> {
  const walker = await isochron.travel({ recording });
  const calls: { call: number; returned: number | undefined; back: bigint; depth: bigint }[] = [];
  do {
    const { icount } = walker;
    const pc = walker.pc();
    const code = walker.memory(pc, 4)!;
    const decoded = walker.isa.decode(code);
    if (typeof decoded !== 'object') throw new Error('not an instruction');
    const text = walker.isa.disassemble(decoded, pc);
    if (/^(?:c\.)?(?:jal ra|jalr ra|call)/.test(text))
      calls.push({
        call: icount,
        returned: undefined,
        back: pc + BigInt(decoded.length),
        depth: walker.registers()!.get('x2')!,
      });
    const open = calls.findLast(({ returned }) => returned === undefined);
    if (open !== undefined && pc === open.back && walker.registers()!.get('x2') === open.depth)
      open.returned = icount;
  } while ((await walker.step()) === 1);
  return calls;
}

describe('steps by call', () => {
  test('go over a call and back over its return, also of a function that calls itself', async () => {
    const calls = await callsOf('tally');
    expect(calls.length).toBeGreaterThan(8);
    for (const { call, returned } of calls) {
      await session.seek(call);
      expect(await session.stepOver()).toBe(true);
      expect(session.icount).toBe(returned);
      expect(await session.reverseNext()).toBe(true);
      expect(session.icount).toBe(call);
    }
  });

  test('go out of a function to behind its call, and back to it', async () => {
    const calls = await callsOf('tally');
    for (const { call, returned } of calls) {
      for (const inside of [call + 1, Math.floor((call + returned!) / 2), returned! - 1]) {
        const innermost = calls.findLast((other) => other.call < inside && inside < other.returned!)!;
        await session.seek(inside);
        expect(await session.finish()).toBe(true);
        expect(session.icount).toBe(innermost.returned);
        await session.seek(inside);
        expect(await session.reverseFinish()).toBe(true);
        expect(session.icount).toBe(innermost.call);
      }
    }
  });

  test('are single where nothing is called', async () => {
    await session.seek(2);
    expect(await session.stepOver()).toBe(true);
    expect(session.icount).toBe(3);
    expect(await session.reverseNext()).toBe(true);
    expect(session.icount).toBe(2);
  });

  test('say so at the ends', async () => {
    await session.seek(session.last);
    expect(await session.stepOver()).toBe(false);
    expect(await session.finish()).toBe(false);
    await session.seek(5);
    expect(await session.reverseFinish()).toBe(false);
    expect(session.icount).toBe(0);
    expect(await session.reverseNext()).toBe(false);
  });

  test('find a call far back, behind many that returned', async () => {
    const long = await isochron.travel({ recording: 'long' });
    const calls = await callsOf('long');
    // _start has no caller, so from its last instructions there is none to be found.
    const last = calls.reduce((a, b) => (b.returned! > a.returned! ? b : a));
    await long.seek(last.returned!);
    expect(await long.reverseFinish()).toBe(false);
    await long.seek(last.returned!);
    expect(await long.reverseNext()).toBe(true);
    expect(long.icount).toBe(last.call);
  });
});

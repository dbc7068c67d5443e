import { describe, expect, test } from '@jest/globals';
import { parseCondition } from './condition.ts';
import type { Moment } from './travel.ts';

const registers = new Map([
  ['x2', 0x1000n],
  ['x10', 5n],
  ['x11', 2n ** 64n - 1n],
]);
const names: Readonly<Record<string, string>> = { sp: 'x2', a0: 'x10', x10: 'x10', a1: 'x11', a2: 'x12' };
const bytes = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0);
const moment: Moment = {
  registers: (thread) => (thread === 7 ? registers : undefined),
  memory: (address, length) =>
    address >= 0x1000n && address + BigInt(length) <= 0x1008n
      ? bytes.slice(Number(address - 0x1000n), Number(address - 0x1000n) + length)
      : undefined,
};
const holds = (text: string, thread = 7) => parseCondition(text, (name) => names[name])(moment, thread);

describe('a condition', () => {
  test.each([
    'a0 == 5',
    'x10 == 0x5',
    'a1 == -1 && a1 < 0',
    'a0 + 2 * 3 == 11 && (a0 + 2) * 3 == 21',
    'a0 << 2 == 20 && 1 | 2 ^ 3 & 1',
    'u8[sp] == 0xfe && i8[sp] == -2',
    'i32[sp] == -2 && u32[sp] == 0xffff_fffe',
    'u32[sp + 4] == 1',
    '[sp] == 0x1_ffff_fffe',
    '!(a0 != 5) && ~a1 == 0',
    'a0 - 6 < 0 || 0',
    '0xffff_ffff_ffff_ffff == a1',
  ])('%s holds', (text) => {
    expect(holds(text)).toBe(true);
  });

  test.each(['a0 > 5', '0', 'u8[0] == 0', '!u8[0]', 'a2 == 0', 'i64[sp + 4] == 1'])('%s does not', (text) => {
    expect(holds(text)).toBe(false);
  });

  test('does not hold for a thread that is not there', () => {
    expect(holds('a0 == 5', 8)).toBe(false);
  });

  test.each([
    ['', /expected a number, a register or \[address\] at its end/],
    ['a0 ==', /at its end/],
    ['a0 == 5 6', /expected an operator, not 6/],
    ['(a0', /expected \) at its end/],
    ['[a0 + 1', /expected \] at its end/],
    ['a9 == 1', /there is no register a9/],
    ['a0 / 2', /"\/ 2" cannot be read/],
    ['== 3', /not ==/],
  ])('%j is refused', (text, why) => {
    expect(() => holds(text)).toThrow(why);
  });
});

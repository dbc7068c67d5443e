import { describe, expect, test } from '@jest/globals';
import type { Encoding } from './encoding.ts';
import { parsePattern } from './pattern.ts';
import { parseSdmPattern, type SdmOperandsOf } from './sdm-pattern.ts';

/** Compiles only where both types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

describe('opcode notation', () => {
  test.each([
    ['REX.W 01 /r', { rex: 'w', map: 'one-byte', opcode: 0x01, modrm: 'register', operands: ['reg', 'rm'] }],
    ['REX.W + 01 /r', { rex: 'w', opcode: 0x01, modrm: 'register' }],
    ['81 /0 id', { rex: undefined, opcode: 0x81, modrm: 0, immediates: [4], operands: ['rm', 'imm'] }],
    ['0F AF /r', { map: '0F', opcode: 0xaf, modrm: 'register' }],
    [
      'B8+rd id',
      { opcode: 0xb8, opcodeRegister: 32, modrm: undefined, immediates: [4], operands: ['reg', 'imm'] },
    ],
    ['REX.W + B8+ rd io', { rex: 'w', opcode: 0xb8, opcodeRegister: 32, immediates: [8] }],
    ['F3 0F 58 /r', { prefix: 0xf3, map: '0F', opcode: 0x58 }],
    ['NP 0F 58 /r', { prefix: 'none', map: '0F', opcode: 0x58 }],
    ['66 0F 38 00 /r', { prefix: 0x66, map: '0F38', opcode: 0x00 }],
    ['66 0F 3A 0F /r ib', { prefix: 0x66, map: '0F3A', opcode: 0x0f, immediates: [1] }],
    ['F3 REX.W 0F B8 /r', { prefix: 0xf3, rex: 'w', map: '0F', opcode: 0xb8 }],
    ['E8 cd', { opcode: 0xe8, relative: 4, operands: ['rel'] }],
    ['0F 84 cd', { map: '0F', opcode: 0x84, relative: 4 }],
    ['C8 iw ib', { opcode: 0xc8, immediates: [2, 1] }],
    ['C3', { opcode: 0xc3, operands: [] }],
    ['F3', { prefix: undefined, opcode: 0xf3 }],
    [
      'VEX.256.66.0F38.W0 18 /r',
      { vex: { length: 1, w: 0 }, prefix: 0x66, map: '0F38', opcode: 0x18, operands: ['reg', 'rm', 'vvvv'] },
    ],
    ['VEX.LIG.0F.WIG 58 /r', { vex: { length: undefined, w: undefined }, prefix: 'none', map: '0F' }],
  ])('reads %s', (text, expected) => {
    expect(parseSdmPattern(text)).toMatchObject(expected);
  });

  test.each(['', 'REX.W', '81 /8 id', '01 /r zz', 'XX 01', '0F AF /r /r', 'ib 01'])(
    'refuses %j by name',
    (text) => {
      expect(() => parseSdmPattern(text)).toThrow(`opcode '${text}': `);
    },
  );

  test('gives its operands to the type system', () => {
    const same: [
      Same<SdmOperandsOf<'REX.W 01 /r'>, 'reg' | 'rm'>,
      Same<SdmOperandsOf<'81 /0 id'>, 'rm' | 'imm'>,
      Same<SdmOperandsOf<'B8+rd id'>, 'reg' | 'imm'>,
      Same<SdmOperandsOf<'E8 cd'>, 'rel'>,
      Same<SdmOperandsOf<'C3'>, never>,
    ] = [true, true, true, true, true];
    expect(same).toHaveLength(5);
  });

  test('is told from bit patterns by its kind', () => {
    const encodings: Encoding[] = [parsePattern('000 0 00000 00000 01'), parseSdmPattern('90')];
    expect(encodings.map(({ kind }) => kind)).toEqual(['bits', 'sdm']);
  });
});

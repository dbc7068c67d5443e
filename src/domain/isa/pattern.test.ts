import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encode } from './encoder.ts';
import { instruction } from './instruction.ts';
import { commonWord } from './overlap.ts';
import { extractField, type FieldsOf, matches, parsePattern } from './pattern.ts';

const field = (pattern: string, name: string) =>
  parsePattern(pattern).fields.find((each) => each.name === name)!;

describe('patterns', () => {
  test('have their literal bits where they are written', () => {
    const add = parsePattern('0000000 rs2:5 rs1:5 000 rd:5 0110011');
    expect(add).toMatchObject({ width: 32, mask: 0xfe00707f, match: 0x33 });
    expect(matches(add, 0x00c58533)).toBe(true);
    expect(matches(add, 0x40c58533)).toBe(false);
  });

  test('decode two’s complement, scattered and scaled immediates', () => {
    const branch = 'simm[12|10:5] rs2:5 rs1:5 000 simm[4:1|11] 1100011';
    expect(extractField(field(branch, 'simm'), 0xfe0508e3)).toBe(-16);
    expect(extractField(field(branch, 'simm'), 0x00050863)).toBe(16);
    const stack = field('000 nzuimm[5:4|9:6|2|3] rdc:3 00', 'nzuimm');
    expect(stack).toMatchObject({ width: 10, signed: false, forbidden: [0] });
  });

  test('decode three-bit registers to 8 and above', () => {
    expect(extractField(field('100 0 11 rdc:3 00 rs2c:3 01', 'rs2c'), 0x8c0d)).toBe(11);
  });

  test('leave out the values that are written as excluded', () => {
    const lui = parsePattern('011 nzsimm[17] rd:5!2 nzsimm[16:12] 01');
    expect(matches(lui, 0x6505)).toBe(true);
    expect(matches(lui, 0x6105)).toBe(false);
    expect(matches(lui, 0x6501)).toBe(false);
  });

  test.each([
    ['0000000 rd:5', 'has 12 bits'],
    ['00000000000000000000000 rd:5 rd:4', "'rd' has a bit twice"],
    ['0000000000000000000000000000 RD:4', "cannot read 'RD:4'"],
    ['00000000000000000000000000000000 ', "cannot read ''"],
    ['simm[0:3] 0000000000000000000000000000', '32'],
  ])('refuse %j', (pattern, reason) => {
    expect(() => parsePattern(pattern)).toThrow(TypeError);
    expect(() => parsePattern(pattern)).toThrow(reason);
  });

  test('give their fields to the type of the semantics', () => {
    const fields: FieldsOf<'simm[12|10:5] rs2:5!0 rs1:5 000 simm[4:1|11] 1100011'> = {
      simm: 0,
      rs1: 1,
      rs2: 2,
    };
    const row = instruction('example', '0000000 rs2:5 rs1:5 000 rd:5 0110011', {
      asm: 'example {rd}',
      spec: 'none',
      // @ts-expect-error: the pattern has no field of this name
      semantics: (ir, { rs3 }) => void ir.i64(rs3),
    });
    expect([Object.keys(fields).sort(), row.encoding.fields.map(({ name }) => name)]).toEqual([
      ['rs1', 'rs2', 'simm'],
      ['rs2', 'rs1', 'rd'],
    ]);
  });
});

describe('overlap', () => {
  const common = (a: string, b: string) => commonWord(parsePattern(a), parsePattern(b));

  test('is found, with a word that shows it', () => {
    const word = common('100 0 rd:5 rs2:5 10', '100 0 rs1:5!0 00000 10');
    expect(word).toBeDefined();
    expect(matches(parsePattern('100 0 rs1:5!0 00000 10'), word!)).toBe(true);
  });

  test('is none where literals or exclusions keep patterns apart', () => {
    expect(common('100 0 rd:5 rs2:5!0 10', '100 0 rs1:5!0 00000 10')).toBeUndefined();
    expect(common('100 0 rd:5 rs2:5 10', '100 1 rd:5 rs2:5 10')).toBeUndefined();
    expect(common('0000000000000 a:1!0 bb:2', '0000000000000 a:1!1 bb:2')).toBeUndefined();
    expect(common('0000000000000 a:2!0,1 b:1', '0000000000000 a:2!2,3 b:1')).toBeUndefined();
  });

  test('agrees with trying every word', () => {
    const token = fc.constantFrom('0', '1', 'x', 'y', 'z');
    const pattern = fc.array(token, { minLength: 5, maxLength: 5 }).map((letters) => {
      const names = letters.map((letter, at) =>
        letter < 'x' ? letter : `f${at}:1${letter === 'y' ? '!0' : letter === 'z' ? '!1' : ''}`,
      );
      return `00000000000 ${names.join(' ')}`;
    });
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const [left, right] = [parsePattern(a), parsePattern(b)];
        const shared = Array.from({ length: 32 }, (_, word) => word).filter(
          (word) => matches(left, word) && matches(right, word),
        );
        expect(commonWord(left, right) !== undefined).toBe(shared.length > 0);
      }),
    );
  });
});

describe('the encoder', () => {
  const row = instruction('c.example', '011 nzsimm[9] 00010 nzsimm[4|6|8:7|5] 01', {
    asm: 'c.example {nzsimm}',
    spec: 'none',
    semantics: () => undefined,
  });
  test.each([
    [16, undefined],
    [-512, undefined],
    [0, 'must not be 0'],
    [8, 'not a multiple of 16'],
    [512, 'not in -512…496'],
    [1.5, 'not a whole number'],
    [undefined, 'is missing'],
  ])('takes or refuses %p', (nzsimm, reason) => {
    const result = encode(row, nzsimm === undefined ? {} : { nzsimm });
    expect(result.ok ? undefined : result.error.reason).toEqual(
      reason === undefined ? undefined : expect.stringContaining(reason),
    );
  });

  test('refuses a combination that belongs to another row', () => {
    const fence = instruction('example', '0000 pred:4 succ:4 00000 000 00000 0001111', {
      asm: 'example {pred}, {succ}',
      spec: 'none',
      except: ['0000 0001 0000 00000 000 00000 0001111'],
      semantics: () => undefined,
    });
    expect(encode(fence, { pred: 1, succ: 0 })).toMatchObject({ ok: false, error: { field: undefined } });
    expect(encode(fence, { pred: 1, succ: 1 }).ok).toBe(true);
  });
});

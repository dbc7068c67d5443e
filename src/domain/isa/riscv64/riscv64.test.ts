import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BlockBuilder } from '../../ir/builder.ts';
import { verifyBlock } from '../../ir/verifier.ts';
import { assemble } from '../assembler.ts';
import { bytesOf, rangeOf, stepOf } from '../encoder.ts';
import type { Row } from '../instruction.ts';
import type { BitField, Fields } from '../pattern.ts';
import { riscv64 } from './riscv64.ts';

const origin = 0x1_0000_0000n;

function valuesOf(field: BitField): fc.Arbitrary<number> {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  return fc
    .integer({ min: lowest / step, max: Math.floor(highest / step) })
    .map((multiple) => multiple * step)
    .filter((value) => !field.forbidden.includes(value - field.bias));
}

/** Field values that the row can hold. */
const fieldsOf = (row: Row): fc.Arbitrary<Fields> =>
  fc
    .record(Object.fromEntries(row.encoding.fields.map((field) => [field.name, valuesOf(field)])))
    .filter((fields) => riscv64.encode(row.name, fields).ok);

function encoded(row: Row, fields: Fields): Uint8Array {
  const result = riscv64.encode(row.name, fields);
  if (!result.ok) throw new Error(result.error.reason);
  return bytesOf(result.value);
}

describe.each(riscv64.rows.map((row) => [row.name, row] as const))('%s', (name, row) => {
  test('decodes what it encodes, and assembles what it disassembles', () => {
    fc.assert(
      fc.property(fieldsOf(row), (fields) => {
        const bytes = encoded(row, fields);
        const decoded = riscv64.decode(bytes);
        if (typeof decoded === 'string') throw new Error(decoded);
        expect({ name: decoded.name, fields: decoded.fields }).toEqual({ name, fields: { ...fields } });
        const text = riscv64.disassemble(decoded, origin);
        const assembled = assemble(text, { isa: riscv64, origin });
        expect({ text, bytes: assembled.ok ? assembled.value.bytes : assembled.error }).toEqual({
          text,
          bytes,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('builds sound IR', () => {
    fc.assert(
      fc.property(fieldsOf(row), (fields) => {
        const ir = new BlockBuilder(riscv64.layout);
        ir.instruction(row.encoding.width / 8);
        row.semantics(ir, fields);
        expect(verifyBlock(ir.finish())).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('RV64', () => {
  test.each([
    [[], 'truncated'],
    [[0x33], 'truncated'],
    [[0x33, 0x85], 'truncated'],
    [[0x33, 0x85, 0xc5], 'truncated'],
    [[0x00, 0x00], 'illegal'],
    [[0xff, 0xff, 0xff, 0xff], 'illegal'],
    [[0x1f, 0x00, 0x00, 0x00, 0x00, 0x00], 'illegal'],
  ])('says of %j: %s', (bytes, verdict) => {
    expect(riscv64.decode(Uint8Array.from(bytes))).toBe(verdict);
  });

  test('does not look beyond the end it is given', () => {
    const bytes = Uint8Array.from([0x33, 0x85, 0xc5, 0x00]);
    expect(riscv64.decode(bytes, 0, 2)).toBe('truncated');
    expect(riscv64.decode(bytes, 2, 4)).toMatchObject({ name: 'c.addi', length: 2 });
  });

  test('gives every row a manual section', () => {
    expect(riscv64.rows.filter(({ spec }) => !/^unpriv \d/.test(spec)).map(({ name }) => name)).toEqual([]);
  });

  test('refuses to encode what it does not know', () => {
    expect(riscv64.encode('vadd.vv', {})).toMatchObject({ ok: false, error: { row: 'vadd.vv' } });
  });
});

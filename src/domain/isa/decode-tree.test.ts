import { describe, expect, test } from '@jest/globals';
import { buildDecodeTree } from './decode-tree.ts';
import { instruction } from './instruction.ts';
import { matches } from './pattern.ts';
import { riscv64 } from './riscv64/riscv64.ts';

const row = (name: string, pattern: string) =>
  instruction(name, pattern, { asm: name, spec: 'none', semantics: () => undefined });

describe('the decode tree', () => {
  test('rejects rows that share a word, naming both', () => {
    const rows = [row('first', '100 0 rd:5 rs2:5 10'), row('second', '100 0 rs1:5!0 00000 10')];
    expect(() => buildDecodeTree(rows)).toThrow(/first and second overlap: both match 0x/);
  });

  test('finds the row that matches, for every 16-bit word', () => {
    const rows = riscv64.rows.filter(({ encoding }) => encoding.width === 16);
    const decode = buildDecodeTree(rows);
    for (let word = 0; word < 0x10000; word++) {
      const matching = rows.filter(({ encoding }) => matches(encoding, word));
      if (matching.length > 1 || decode(word) !== matching[0]) throw new Error(`word 0x${word.toString(16)}`);
    }
    expect(rows.length).toBeGreaterThan(30);
  });

  test('decodes nothing without rows', () => {
    expect(buildDecodeTree([])(0)).toBeUndefined();
  });
});

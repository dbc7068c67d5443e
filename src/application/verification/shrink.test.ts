import { describe, expect, test } from '@jest/globals';
import { assemble } from '../../domain/isa/assembler.ts';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';
import { listingOf } from './counterexample.ts';
import type { GuestCase } from './guest-case.ts';
import { shrink } from './shrink.ts';
import { withoutInstruction } from './shrink-code.ts';

const codeOf = (source: string): Uint8Array => {
  const assembled = assemble(source.replaceAll('; ', '\n'), { isa: riscv64, origin: 0x10000n });
  if (!assembled.ok) throw new Error(assembled.error[0]?.message);
  return assembled.value.bytes;
};
const text = (code: Uint8Array): string => listingOf(riscv64, { code, slots: new Map() }).join('; ');

describe('leaving an instruction out', () => {
  test('keeps branches across it going to the same instructions', () => {
    const code = codeOf(
      'back: addi a0, a0, 1; addi a1, a1, 1; beq a0, a1, on; addi a2, a2, 1; c.nop; j back; on: ecall',
    );
    expect(text(withoutInstruction(riscv64, code, 1)!)).toBe(
      'addi a0, a0, 1; beq a0, a1, 0x10012; addi a2, a2, 1; c.nop; jal zero, 0x10000; ecall',
    );
    expect(text(withoutInstruction(riscv64, code, 4)!)).toContain(
      'beq a0, a1, 0x10014; addi a2, a2, 1; jal zero, 0x10000',
    );
  });

  test('sends a branch to it to the next one', () => {
    const code = codeOf('beq a0, a1, on; c.nop; on: addi a2, a2, 1; ecall');
    expect(text(withoutInstruction(riscv64, code, 2)!)).toBe('beq a0, a1, 0x10006; c.nop; ecall');
  });

  test('leaves a branch out of the code as it is', () => {
    const code = codeOf('c.nop; beq a0, a1, 0x10800; ecall');
    expect(text(withoutInstruction(riscv64, code, 0)!)).toBe('beq a0, a1, 0x107fe; ecall');
  });
});

test('a failure that takes a jump is shrunk to the jump and what it needs', () => {
  const failing: GuestCase = {
    code: codeOf('addi a3, a3, 1; beq a0, a1, on; addi a4, a4, 1; addi a5, a5, 1; on: xor a2, a2, a3; ecall'),
    steps: 24,
    slots: new Map([['x12', 5n]]),
    memory: [],
    icount: 0,
  };
  /** As if a xor that is reached by a taken branch went wrong. */
  const fails = ({ code }: GuestCase): boolean => {
    const lines = listingOf(riscv64, { code, slots: new Map() });
    const branch = lines.findIndex((line) => line.startsWith('beq'));
    const target = lines.findIndex((line) => line.startsWith('xor'));
    if (branch < 0 || target < 0) return false;
    const address = 0x10000 + 4 * target;
    return lines[branch]!.endsWith(`0x${address.toString(16)}`);
  };
  const { code, steps, slots } = shrink(riscv64, failing, fails);
  expect(text(code)).toBe('beq a0, a1, 0x10004; xor a2, a2, a3');
  expect([steps, slots.size]).toEqual([1, 0]);
});

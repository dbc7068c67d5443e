import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import { type BlockExit, evaluateBlock } from '../../src/domain/ir/evaluator.ts';
import type { IrBlock, Value } from '../../src/domain/ir/node.ts';
import { type IntType, layoutState, type Slot, type StateLayout, widths } from '../../src/domain/ir/types.ts';
import { verifyBlock } from '../../src/domain/ir/verifier.ts';
import { truncate } from '../../src/domain/shared/bits.ts';

/** Worked examples: the IR says what x86-64 and AArch64 need, checked against a second statement of the manuals' pseudo-code. */

const slotOf = <T extends IntType>(layout: StateLayout, name: string, type: T): Slot<T> => {
  const slot = layout.slots.get(name);
  if (slot?.type !== type) throw new TypeError(`no ${type} slot ${name}`);
  return slot as Slot<T>;
};

function execute(block: IrBlock, state: Map<string, bigint>, memory: Map<bigint, bigint>): BlockExit {
  return evaluateBlock(block, 0x1000n, {
    readSlot: (slot) => state.get(slot.name) ?? 0n,
    writeSlot: (slot, value) => void state.set(slot.name, value),
    load: (address, size) => {
      let value = 0n;
      for (let byte = size - 1; byte >= 0; byte--) {
        const part = memory.get(address + BigInt(byte));
        if (part === undefined) return { access: 'load', kind: 'unmapped', address: address + BigInt(byte) };
        value = (value << 8n) | part;
      }
      return value;
    },
    store: (address) => ({ access: 'store', kind: 'unmapped', address }),
    counter: () => 0n,
  });
}

const bit = (value: bigint, index: number): bigint => (value >> BigInt(index)) & 1n;

describe('x86-64: adc r8, m8 (10 /r … 12 /r, SDM volume 2A)', () => {
  const flagNames = ['cf', 'pf', 'af', 'zf', 'sf', 'of'] as const;
  const layout = layoutState(
    [
      ['rax', 'i64'],
      ['rbx', 'i64'],
      ['rip', 'i64'],
      ['mxcsr.flags', 'i32'],
      ...flagNames.map((name) => [name, 'i1'] as const),
    ],
    { pc: 'rip', fpExceptions: 'mxcsr.flags' },
  );

  /** `adc ah, [rbx + displacement]`: a partial register write of bits 15:8 that keeps the other 56. */
  function adcAhMemory(displacement: number): IrBlock {
    const ir = new BlockBuilder(layout);
    ir.instruction(3);
    const flag = (name: (typeof flagNames)[number]) => slotOf(layout, name, 'i1');
    const rax = slotOf(layout, 'rax', 'i64');
    const old = ir.read(rax);
    const a = ir.extract(old, 8, 'i8');
    const b = ir.load('i8', ir.add(ir.read(slotOf(layout, 'rbx', 'i64')), ir.i64(displacement)));
    const carryIn = ir.read(flag('cf'));
    const wide = (value: Value<IntType>) => ir.zext(value, 'i16');
    const sum = ir.add(ir.add(wide(a), wide(b)), wide(carryIn));
    const result = ir.trunc(sum, 'i8');
    const bitOf = (value: Value<'i8'>, index: number) => ir.extract(value, index, 'i1');
    ir.write(rax, ir.or(ir.and(old, ir.i64(~0xff00n)), ir.shl(ir.zext(result, 'i64'), ir.i64(8))));
    ir.write(flag('cf'), ir.extract(sum, 8, 'i1'));
    ir.write(flag('pf'), ir.not(ir.trunc(ir.popcount(result), 'i1')));
    ir.write(flag('af'), bitOf(ir.xor(ir.xor(a, b), result), 4));
    ir.write(flag('zf'), ir.eq(result, ir.i8(0)));
    ir.write(flag('sf'), bitOf(result, 7));
    ir.write(flag('of'), bitOf(ir.and(ir.xor(a, result), ir.xor(b, result)), 7));
    return ir.finish();
  }

  test('is sound IR', () => {
    expect(verifyBlock(adcAhMemory(5))).toEqual([]);
  });

  test('sets all six flags and writes only its byte, for every operand pair and carry', () => {
    const block = adcAhMemory(5);
    const mismatches: string[] = [];
    for (let a = 0n; a < 256n; a++) {
      for (let b = 0n; b < 256n; b += 3n) {
        for (const carry of [0n, 1n]) {
          const state = new Map([
            ['rax', 0x1122334455660077n | (a << 8n)],
            ['rbx', 0x2000n],
            ['cf', carry],
          ]);
          const exit = execute(block, state, new Map([[0x2005n, b]]));
          const expectEqual = (what: string, actual: unknown, expected: unknown) => {
            if (actual !== expected) mismatches.push(`${a} + ${b} + ${carry}: ${what} is ${String(actual)}`);
          };
          expectEqual('pc', exit.pc, 0x1003n);
          expectEqual('retired', exit.retired, 1);
          const sum = Number(a + b + carry);
          const result = BigInt(sum & 255);
          expectEqual('rax', state.get('rax'), 0x1122334455660077n | (result << 8n));
          const asSigned = Number(BigInt.asIntN(8, a) + BigInt.asIntN(8, b) + carry);
          const flags = {
            cf: sum > 255,
            pf: [...(sum & 255).toString(2)].filter((digit) => digit === '1').length % 2 === 0,
            af: Number((a & 15n) + (b & 15n) + carry) > 15,
            zf: result === 0n,
            sf: result > 127n,
            of: asSigned > 127 || asSigned < -128,
          };
          for (const name of flagNames) expectEqual(name, state.get(name), flags[name] ? 1n : 0n);
        }
      }
    }
    expect(mismatches).toEqual([]);
  });

  test('leaves the state alone when its memory operand faults', () => {
    const state = new Map([
      ['rax', 7n],
      ['rbx', 0x3000n],
      ['cf', 1n],
    ]);
    const before = new Map(state);
    expect(execute(adcAhMemory(0), state, new Map())).toEqual({
      kind: 'fault',
      fault: { access: 'load', kind: 'unmapped', address: 0x3000n },
      pc: 0x1000n,
      retired: 0,
    });
    expect(state).toEqual(before);
  });
});

describe('AArch64: adds with a shifted register (DDI 0487, C6.2.10)', () => {
  const layout = layoutState(
    [
      ...Array.from({ length: 31 }, (_, index) => [`x${index}`, 'i64'] as const),
      ['pc', 'i64'],
      ['fpsr', 'i32'],
      ['n', 'i1'],
      ['z', 'i1'],
      ['c', 'i1'],
      ['v', 'i1'],
    ],
    { pc: 'pc', fpExceptions: 'fpsr' },
  );
  type Shift = 'lsl' | 'lsr' | 'asr';
  type Width = 'i32' | 'i64';

  /** `adds x0, x1, x2, <shift> #amount`, as the manual's AddWithCarry(operand1, ShiftReg(operand2), '0'). */
  function adds<W extends Width>(width: W, shift: Shift, amount: number): IrBlock {
    const ir = new BlockBuilder(layout);
    ir.instruction(4);
    const read = (index: number): Value<W> => {
      const whole = ir.read(slotOf(layout, `x${index}`, 'i64'));
      return ir.trunc(whole, width);
    };
    const shifted = { lsl: ir.shl, lsr: ir.shrU, asr: ir.shrS }[shift](read(2), ir.const(width, amount));
    const a = read(1);
    const sum = ir.add(a, shifted);
    const sign = (value: Value<W>) => ir.extract(value, widths[width] - 1, 'i1');
    ir.write(slotOf(layout, 'x0', 'i64'), ir.zext(sum, 'i64'));
    ir.write(slotOf(layout, 'n', 'i1'), sign(sum));
    ir.write(slotOf(layout, 'z', 'i1'), ir.eq(sum, ir.const(width, 0)));
    ir.write(slotOf(layout, 'c', 'i1'), ir.ltU(sum, a));
    ir.write(slotOf(layout, 'v', 'i1'), sign(ir.and(ir.xor(a, sum), ir.xor(shifted, sum))));
    return ir.finish();
  }

  const corner = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.constantFrom(
      0n,
      1n,
      2n ** 31n,
      2n ** 31n - 1n,
      2n ** 32n - 1n,
      2n ** 63n,
      2n ** 63n - 1n,
      2n ** 64n - 1n,
    ),
  );

  test('gives the sum and NZCV of the manual for random and boundary operands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Width>('i32', 'i64'),
        fc.constantFrom<Shift>('lsl', 'lsr', 'asr'),
        fc.nat(63),
        corner,
        corner,
        (width, shift, rawAmount, x1, x2) => {
          const n = widths[width];
          const amount = rawAmount % n;
          const block = adds(width, shift, amount);
          expect(verifyBlock(block)).toEqual([]);
          const state = new Map([
            ['x1', x1],
            ['x2', x2],
          ]);
          execute(block, state, new Map());

          const [a, raw] = [truncate(x1, n), truncate(x2, n)];
          const by = BigInt(amount);
          const b = truncate(
            shift === 'lsl' ? raw << by : shift === 'lsr' ? raw >> by : BigInt.asIntN(n, raw) >> by,
            n,
          );
          const [unsignedSum, signedSum] = [a + b, BigInt.asIntN(n, a) + BigInt.asIntN(n, b)];
          const result = truncate(unsignedSum, n);
          expect(
            Object.fromEntries(['x0', 'n', 'z', 'c', 'v'].map((name) => [name, state.get(name)])),
          ).toEqual({
            x0: result,
            n: bit(result, n - 1),
            z: result === 0n ? 1n : 0n,
            c: unsignedSum === result ? 0n : 1n,
            v: signedSum === BigInt.asIntN(n, result) ? 0n : 1n,
          });
        },
      ),
      { numRuns: 2000 },
    );
  });
});

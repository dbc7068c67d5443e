import { Random } from '../../src/application/verification/generators/random.ts';
import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import type { IrBlock, Value } from '../../src/domain/ir/node.ts';
import { type IntType, type Slot, widths } from '../../src/domain/ir/types.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { bytesOf, randomFloat, randomInstruction, randomInteger, type Word } from './random-guest-code.ts';
import type { Surrounding } from './block-execution.ts';

/** Random blocks for the optimiser: of RV64GC instructions, and of IR operations of every integer width. */

const data = 0x4_0000n;

/**
 * What compilers emit often: pairs of shifts, words, loads and stores of one place, singles, the exception flags. Sources are x8
 * to x15; x8 and x9 point to memory and are left alone.
 */
function idiom(random: Random): Word {
  const rs = () => (8 + random.below(8)) << 15;
  const rs2 = () => (8 + random.below(8)) << 20;
  const rd = () => (10 + random.below(6)) << 7;
  const pointer = () => random.pick([8, 8, 9]) << 15;
  const offset = random.pick([0, 4, 8, 8, 16]);
  const immediate = (funct3: number, opcode: number, value: number) =>
    ((value & 0xfff) << 20) | rs() | (funct3 << 12) | rd() | opcode;
  const shamt = random.pick([1, 3, 16, 24, 29, 31, 32, 33, 48, 56]);
  const store = (funct3: number, opcode: number) =>
    rs2() | pointer() | (funct3 << 12) | (offset << 7) | opcode;
  const load = (funct3: number, opcode: number) =>
    (offset << 20) | pointer() | (funct3 << 12) | rd() | opcode;
  const makers = [
    () => immediate(1, 0x13, shamt),
    () => immediate(5, 0x13, shamt),
    () => immediate(5, 0x13, shamt | 0x400),
    () => immediate(0, 0x1b, random.pick([0, 1, -1])),
    () => immediate(0, 0x13, random.pick([0, 1, -1, 8])),
    () => immediate(7, 0x13, random.pick([1, 0xff, 0x7f, -1])),
    () => immediate(random.pick([3, 4]), 0x13, random.pick([1, -1])),
    () => rd() | 0x13 | (random.pick([0, 1, 2, 8, -1]) << 20),
    () => store(3, 0x23),
    () => store(random.pick([0, 1, 2, 3]), 0x23),
    () => load(3, 0x03),
    () => load(random.pick([0, 1, 2, 3, 4, 5, 6]), 0x03),
    () => load(2, 0x07),
    () => store(2, 0x27),
    // fadd.s, fadd.d, fmul.s
    () => rs2() | rs() | rd() | 0x53 | (random.pick([0, 1, 8]) << 25),
    // csrrs and csrrw of fflags
    () => 0x0010_2073 | rd(),
    () => 0x0010_1073 | rs() | rd(),
  ];
  return { bits: random.pick(makers)() >>> 0, length: 4 };
}

/** The instruction that a seed stands for. */
export function instructionOf(seed: number): Word {
  const random = new Random(seed);
  return random.chance(80) ? idiom(random) : randomInstruction(random);
}

/** Lifts instructions into one block, up to the first that ends it or is illegal. */
export function liftBlock(words: readonly Word[]): IrBlock {
  const ir = new BlockBuilder(riscv64.layout);
  for (const word of words) {
    const decoded = riscv64.decode(bytesOf([word]));
    if (typeof decoded === 'string' || ir.closed) break;
    ir.instruction(decoded.length);
    decoded.lift(ir);
  }
  if (ir.instructionCount === 0) ir.instruction(4);
  return ir.finish();
}

export function randomSurrounding(random: Random): Surrounding {
  const slots = new Map<string, bigint>();
  for (const [at, { name }] of state.x.slice(1).entries()) {
    const n = at + 1;
    const near = data + BigInt(random.pick([0, 0x1000, 0x2000, 0x3000]) + random.below(80) - 16);
    slots.set(name, n < 10 || random.chance(30) ? near : randomInteger(random));
  }
  for (const { name } of state.f) slots.set(name, randomFloat(random));
  slots.set(state.fflags.name, BigInt(random.below(32)));
  slots.set(state.frm.name, random.chance(60) ? 0n : BigInt(random.below(8)));
  slots.set(state.reservation.name, random.chance(50) ? 2n ** 64n - 1n : slots.get('x8')!);
  const accesses = ['both', 'both', 'both', 'both', 'both', 'read', 'write', 'none'] as const;
  const pages = new Map(
    [0n, 1n, 2n, 3n].map((page) => [
      data / 0x1000n + page,
      { access: random.pick(accesses), fill: random.below(256) },
    ]),
  );
  return { slots, pages };
}

const types: readonly IntType[] = ['i1', 'i8', 'i16', 'i32', 'i64'];
// prettier-ignore
const same = ['add', 'sub', 'mul', 'mulHighU', 'mulHighS', 'mulHighSU', 'divU', 'divS', 'remU', 'remS', 'and', 'or',
  'xor', 'shl', 'shrU', 'shrS', 'rotl', 'rotr'] as const;
const unrotated = same.filter((op) => op !== 'rotl' && op !== 'rotr');
const counting = ['clz', 'ctz', 'popcount'] as const;
const comparing = ['eq', 'ne', 'ltU', 'leU', 'ltS', 'leS'] as const;

/** A block of random integer operations, whose values all end in guest state. */
export function randomOperations(random: Random, count: number): IrBlock {
  const ir = new BlockBuilder(riscv64.layout);
  ir.instruction(4);
  buildOperations(ir, random, count);
  return ir.finish();
}

/**
 * Builds random integer operations on x8 to x10, whose values end in x8 to x15. `translatable`: only those that the wasm engine
 * translates; it refuses others by name.
 */
export function buildOperations(ir: BlockBuilder, random: Random, count: number, translatable = false): void {
  const slots = state.x.slice(8, 16) as readonly Slot<'i64'>[];
  const pool: Value<IntType>[] = [ir.read(slots[0]!), ir.read(slots[1]!), ir.read(slots[2]!)];
  const ofType = (type: IntType): Value<IntType> => {
    if (random.chance(30)) {
      const corners = [
        0n,
        1n,
        -1n,
        2n,
        8n,
        BigInt(widths[type] >> 1),
        BigInt(widths[type] - 1),
        0xffn,
        0xffff_ffffn,
      ];
      return ir.const(type, random.chance(80) ? random.pick(corners) : randomInteger(random));
    }
    const some = pool.filter((value) => value.type === type);
    if (some.length > 0) return random.pick(some);
    const value = random.pick(pool);
    const convert = widths[value.type] > widths[type] ? 'trunc' : random.pick(['zext', 'sext'] as const);
    return ir[convert](value, type);
  };
  for (let at = 0; at < count; at++) {
    const type = random.pick(types);
    const wide = type === 'i1' ? 'i64' : type;
    switch (random.below(8)) {
      case 0:
        pool.push(ir[random.pick(comparing)](ofType(type), ofType(type)));
        break;
      case 1:
        pool.push(ir.select(ofType('i1') as Value<'i1'>, ofType(type), ofType(type)));
        break;
      case 2: {
        const from = random.pick(pool);
        const to = random.pick(types);
        if (widths[from.type] > widths[to]) pool.push(ir.trunc(from, to));
        else pool.push(ir[random.pick(['zext', 'sext'] as const)](from, to));
        break;
      }
      case 3:
        pool.push(ir[random.pick(['and', 'or', 'xor'] as const)](ofType(type), ofType(type)));
        break;
      case 4:
        pool.push(ir[random.pick(['shl', 'shrU', 'shrS'] as const)](ofType(wide), ofType(wide)));
        break;
      case 5:
        pool.push(ir[random.pick(counting)](ofType(wide)));
        break;
      default:
        pool.push(
          ir[random.pick(translatable && widths[wide] < 32 ? unrotated : same)](ofType(wide), ofType(wide)),
        );
    }
  }
  for (const [at, slot] of slots.entries()) {
    const value = pool.at(-1 - at);
    if (value) ir.write(slot, value.type === 'i64' ? (value as Value<'i64'>) : ir.zext(value, 'i64'));
  }
}

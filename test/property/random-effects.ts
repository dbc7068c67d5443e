import type { Random } from '../../src/application/verification/generators/random.ts';
import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import type { IrBlock, Value } from '../../src/domain/ir/node.ts';
import type { Slot } from '../../src/domain/ir/types.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { randomFloat, randomInteger } from './random-guest-code.ts';

/**
 * Random blocks of what instructions seldom bring together: effects on conditions that are known or opposite, conditional stores
 * between loads of one place, parts of one value, float operations on constants.
 */
export function randomEffects(random: Random, count: number): IrBlock {
  const ir = new BlockBuilder(riscv64.layout);
  for (let at = 0; at < count; at++) {
    ir.instruction(4);
    random.pick(steps)(ir, random);
  }
  ir.instruction(4);
  const kind = random.below(4);
  if (kind === 0) ir.jump(ir.pc(8 * random.below(4)));
  else if (kind > 1) ir.branch(condition(ir, random), ir.pc(8 * random.below(4)));
  return ir.finish();
}

type Step = (ir: BlockBuilder, random: Random) => void;

/** x8 points to memory and is left alone. */
const pointer = state.x[8]! as Slot<'i64'>;
const registers = state.x.slice(10, 14) as readonly Slot<'i64'>[];
const floats = state.f.slice(10, 13) as readonly Slot<'i64'>[];

const address = (ir: BlockBuilder, random: Random): Value<'i64'> =>
  ir.add(ir.read(pointer), ir.i64(random.pick([0, 4, 8, 8, 16])));

const integer = (ir: BlockBuilder, random: Random): Value<'i64'> =>
  random.chance(30)
    ? ir.i64(random.chance(50) ? random.below(3) : randomInteger(random))
    : ir.read(random.pick(registers));

function condition(ir: BlockBuilder, random: Random): Value<'i1'> {
  if (random.chance(25)) return ir.i1(random.chance(50));
  if (random.chance(40)) return ir.not(condition(ir, random));
  // Unlike a comparison, these have no opposite.
  if (random.chance(20)) return ir.feqQuiet(float(ir, random), float(ir, random));
  if (random.chance(20)) return ir.trunc(integer(ir, random), 'i1');
  return ir[random.pick(['eq', 'ltU', 'leS'] as const)](integer(ir, random), integer(ir, random));
}

const float = (ir: BlockBuilder, random: Random): Value<'f64'> =>
  random.chance(60) ? ir.const('f64', randomFloat(random)) : ir.bitcast(ir.read(random.pick(floats)), 'f64');

const steps: readonly Step[] = [
  (ir, random) => {
    const value = ir.load(random.pick(['i64', 'i64', 'i32'] as const), address(ir, random));
    ir.write(random.pick(registers), ir.sext(value, 'i64'));
  },
  (ir, random) => {
    ir.write(random.pick(floats), ir.bitcast(ir.load('f64', address(ir, random)), 'i64'));
  },
  (ir, random) => {
    ir.store(address(ir, random), integer(ir, random));
  },
  (ir, random) => {
    ir.storeIf(condition(ir, random), address(ir, random), integer(ir, random));
  },
  (ir, random) => {
    const part = ir.extract(
      integer(ir, random),
      random.pick([0, 8, 16, 32]),
      random.pick(['i8', 'i16', 'i32']),
    );
    ir.write(random.pick(registers), ir.zext(part, 'i64'));
  },
  (ir, random) => {
    const operation = random.pick(['fadd', 'fsub', 'fmul', 'fdiv'] as const);
    const value = ir[operation](float(ir, random), float(ir, random), ir.i8(random.below(5)));
    ir.write(random.pick(floats), ir.bitcast(value, 'i64'));
    ir.raise(value);
  },
  (ir, random) => {
    if (random.chance(20)) ir.trapIf(condition(ir, random), 'illegal-instruction');
  },
];

import type { Oracle, OracleCase } from '../../src/application/ports/oracle.ts';
import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import { bytesOf, rangeOf, stepOf } from '../../src/domain/isa/encoder.ts';
import type { IrBlock } from '../../src/domain/ir/node.ts';
import type { Row } from '../../src/domain/isa/instruction.ts';
import type { BitField } from '../../src/domain/isa/pattern.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { addressesOf } from './golden-step.ts';

/** Random single-instruction cases for an oracle: legal encodings of a row on states that favour corners. */

/** A seeded generator of 64-bit patterns (SplitMix64, Steele, Lea and Flood 2014). */
export class Random {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed;
  }

  bits(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }

  below(limit: number): number {
    return Number(this.bits() % BigInt(limit));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

const integerCorners = [0n, 1n, 2n, 31n, 32n, 63n, 64n, 0x7fn, 0x80n, 0x7fffn, 0x8000n].flatMap((value) => [
  value,
  BigInt.asUintN(64, -value),
]);
const wideCorners = [
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
];

/** Zero, subnormals, the smallest and largest normals, one and its neighbours, powers of two at integer limits, infinity, NaNs. */
const doubleCorners = [
  0n, 1n, 0xf_ffff_ffff_ffffn, 0x10_0000_0000_0000n, 0x3ff0_0000_0000_0000n, 0x3ff0_0000_0000_0001n,
  0x3fef_ffff_ffff_ffffn, 0x3fe0_0000_0000_0000n, 0x3ff8_0000_0000_0000n, 0x41df_ffff_ffc0_0000n, 0x41e0_0000_0000_0000n,
  0x41f0_0000_0000_0000n, 0x43e0_0000_0000_0000n, 0x43f0_0000_0000_0000n, 0x36a0_0000_0000_0000n, 0x3810_0000_0000_0000n,
  0x47ef_ffff_f000_0000n, 0x7fef_ffff_ffff_ffffn, 0x7ff0_0000_0000_0000n, 0x7ff0_0000_0000_0001n, 0x7ff8_0000_0000_0000n,
]; // prettier-ignore
const singleCorners = [
  0n, 1n, 0x7f_ffffn, 0x80_0000n, 0x3f80_0000n, 0x3f80_0001n, 0x3f7f_ffffn, 0x3f00_0000n, 0x3fc0_0000n,
  0x4eff_ffffn, 0x4f00_0000n, 0x4f80_0000n, 0x5f00_0000n, 0x5f80_0000n, 0x7f7f_ffffn, 0x7f80_0000n, 0x7f80_0001n, 0x7fc0_0000n,
]; // prettier-ignore

function integer(random: Random): bigint {
  const kind = random.below(4);
  if (kind === 0) return random.pick(integerCorners);
  if (kind === 1) return random.pick(wideCorners);
  if (kind === 2) return random.bits() >> BigInt(random.below(64));
  return random.bits();
}

function floating(random: Random): bigint {
  const sign = BigInt(random.below(2));
  switch (random.below(6)) {
    case 0:
      return random.pick(doubleCorners) | (sign << 63n);
    case 1:
      return 0xffff_ffff_0000_0000n | random.pick(singleCorners) | (sign << 31n);
    case 2:
      return 0xffff_ffff_0000_0000n | (random.bits() & 0xffff_ffffn);
    case 3: // near one, so that sums cancel and products round
      return (sign << 63n) | (BigInt(0x3ff - 2 + random.below(5)) << 52n) | (random.bits() >> 12n);
    case 4:
      return (
        0xffff_ffff_0000_0000n |
        (sign << 31n) |
        (BigInt(127 - 2 + random.below(5)) << 23n) |
        (random.bits() >> 41n)
      );
    default:
      return random.bits();
  }
}

/** CSRs that mean the same to us and an oracle (the counters do not), and some that do not exist. */
const csrs = [0x001, 0x002, 0x003, 0x004, 0x300, 0x7c0, 0xc83];

function fieldValue(
  random: Random,
  field: BitField,
  forbidden: readonly number[],
  jumps: boolean,
  distance: number,
): number {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  if (field.name === 'csr') return random.pick(csrs);
  if (jumps && field.name.startsWith('simm')) return distance;
  for (;;) {
    const value =
      random.below(4) === 0
        ? random.pick([lowest, highest])
        : lowest + step * random.below((highest - lowest) / step + 1);
    if (field.forbidden.includes(value - field.bias)) continue;
    if (/^r(d|s\d)c?$/.test(field.name) && forbidden.includes(value)) continue;
    return value;
  }
}

/** One case of `row`, or undefined where the random fields make another row's encoding. */
export function randomCase(random: Random, row: Row, oracle: Oracle): OracleCase | undefined {
  const reserved = oracle.reservedSlots.map((slot) => Number(slot.slice(1)));
  const flow = controlFlow(row);
  const fields: Record<string, number> = {};
  for (const field of row.encoding.fields) {
    const excluded = flow === 'indirect' && field.name === 'rs1' ? [0, ...reserved] : reserved;
    fields[field.name] = fieldValue(random, field, excluded, flow === 'direct', oracle.jumpDistance);
  }
  const encoded = riscv64.encode(row.name, fields);
  if (!encoded.ok) return undefined;
  const code = bytesOf(encoded.value);
  const state = new Map<string, bigint>();
  for (let n = 0; n < 32; n++) {
    if (n > 0) state.set(`x${n}`, reserved.includes(n) ? 0n : integer(random));
    state.set(`f${n}`, floating(random));
  }
  state.set('pc', oracle.codeAddress);
  state.set('fflags', BigInt(random.below(32)));
  state.set('frm', BigInt(random.below(8) === 0 ? random.below(8) : random.below(5)));
  state.set('reservation', 0xffff_ffff_ffff_ffffn);
  if (flow === 'indirect')
    state.set(`x${fields['rs1']!}`, oracle.codeAddress + BigInt(oracle.jumpDistance - (fields['simm'] ?? 0)));
  const memory = Uint8Array.from({ length: oracle.memorySize }, () => random.below(256));
  aimAtWindow(random, row, fields, state, oracle);
  return { code, state, memory };
}

/** Whether a row jumps or branches to a fixed distance, to a register's value, or not at all. */
function controlFlow(row: Row): 'none' | 'direct' | 'indirect' {
  const lowest = Object.fromEntries(row.encoding.fields.map((field) => [field.name, rangeOf(field).lowest]));
  const { nodes } = liftRow(row, { ...lowest, rs1: 1 });
  const target = nodes.at(-1);
  if (target?.op === 'branch') return 'direct';
  if (target?.op !== 'jump') return 'none';
  return nodes.some((node) => node.op === 'read') ? 'indirect' : 'direct';
}

function liftRow(row: Row, fields: Record<string, number>): IrBlock {
  const ir = new BlockBuilder(riscv64.layout);
  ir.instruction(row.encoding.width / 8);
  row.semantics(ir, fields);
  return ir.finish();
}

/** Changes the base register so that a memory operand falls into the oracle's window (atomics: aligned there). */
function aimAtWindow(
  random: Random,
  row: Row,
  fields: Record<string, number>,
  state: Map<string, bigint>,
  oracle: Oracle,
): void {
  const [access] = addressesOf(liftRow(row, fields), state);
  if (!access) return;
  const base = fields['rs1'] ?? fields['rs1c'] ?? 2;
  if (base === 0) return;
  const offset = random.below(oracle.memorySize / 8 - 2) * 8 + 8 + (access.aligned ? 0 : random.below(8));
  const wanted = oracle.memoryAddress + BigInt(offset);
  state.set(`x${base}`, BigInt.asUintN(64, state.get(`x${base}`)! + wanted - access.address));
}

import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { add, div, fma, mul, sub } from '../../src/domain/float/arithmetic.ts';
import { compare, maximumNumber, minimumNumber } from '../../src/domain/float/comparison.ts';
import { between, fromInteger, toInteger } from '../../src/domain/float/conversion.ts';
import { type Format, formats, type Rounded, type RoundingMode } from '../../src/domain/float/format.ts';
import { sqrt } from '../../src/domain/float/square-root.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { blockOf, readSlot } from '../../src/application/verification/guest-case.ts';
import { Random } from '../../src/application/verification/generators/random.ts';

/**
 * The float module alone, against qemu's soft float: random operands that favour subnormals, halfway cases, near
 * cancellation, NaN payloads and infinities, in all modes. `ISOCHRON_SEED` and `ISOCHRON_TUPLES` choose how many.
 * No difference is known, so none is excused.
 */

const { f32, f64 } = formats;
const seed = BigInt(process.env['ISOCHRON_SEED'] ?? 754);
const perOperation = Number(process.env['ISOCHRON_TUPLES'] ?? 800);
const modeNames = ['rne', 'rtz', 'rdn', 'rup', 'rmm'] as const;
const boxes = 0xffff_ffff_0000_0000n;

type Evaluate = (operands: readonly bigint[], mode: RoundingMode) => Rounded;
interface Operation {
  readonly text: string;
  readonly operands: readonly ('f32' | 'f64' | 'integer')[];
  readonly rounds: boolean;
  /** What the destination register holds, from the result's pattern. */
  readonly destination: (bits: bigint) => bigint;
  readonly evaluate: Evaluate;
}

const boxed = (bits: bigint): bigint => bits | boxes;
const same = (bits: bigint): bigint => bits;
const extended = (bits: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(32, bits));

function operationsOn(type: 'f32' | 'f64'): Operation[] {
  const [format, letter] = type === 'f32' ? [f32, 's'] : [f64, 'd'];
  const [float, other] = type === 'f32' ? [boxed, same] : [same, boxed];
  const row = (
    text: string,
    operands: Operation['operands'],
    rounds: boolean,
    destination: Operation['destination'],
    evaluate: Evaluate,
  ): Operation => ({ text, operands, rounds, destination, evaluate });
  const binary = (name: string, run: typeof add) =>
    row(`${name}.${letter} fa0, fa1, fa2`, [type, type], true, float, ([a, b], rm) =>
      run(format, a!, b!, rm),
    );
  const extreme = (name: string, run: (format: Format, a: bigint, b: bigint) => Rounded) =>
    row(`${name}.${letter} fa0, fa1, fa2`, [type, type], false, float, ([a, b]) => run(format, a!, b!));
  const relation = (name: 'eq' | 'lt' | 'le') =>
    row(`f${name}.${letter} a0, fa1, fa2`, [type, type], false, same, ([a, b]) =>
      compare(format, name, a!, b!, name === 'eq' ? 'quiet' : 'signaling'),
    );
  const narrow = type === 'f32' ? f64 : f32;
  return [
    binary('fadd', add),
    binary('fsub', sub),
    binary('fmul', mul),
    binary('fdiv', div),
    row(`fsqrt.${letter} fa0, fa1`, [type], true, float, ([a], rm) => sqrt(format, a!, rm)),
    row(`fmadd.${letter} fa0, fa1, fa2, fa3`, [type, type, type], true, float, ([a, b, c], rm) =>
      fma(format, a!, b!, c!, rm),
    ),
    extreme('fmin', minimumNumber),
    extreme('fmax', maximumNumber),
    relation('eq'),
    relation('lt'),
    relation('le'),
    row(`fcvt.${type === 'f32' ? 'd.s' : 's.d'} fa0, fa1`, [type], true, other, ([a], rm) =>
      between(format, narrow, a!, rm),
    ),
    ...(['w', 'wu', 'l', 'lu'] as const).flatMap((name) => {
      const kind = name.endsWith('u') ? 'unsigned' : 'signed';
      const width = name.startsWith('w') ? 32 : 64;
      const read = (bits: bigint) => (kind === 'signed' ? BigInt.asIntN : BigInt.asUintN)(width, bits);
      return [
        row(`fcvt.${name}.${letter} a0, fa1`, [type], true, width === 32 ? extended : same, ([a], rm) =>
          toInteger(format, a!, rm, width, kind),
        ),
        row(`fcvt.${letter}.${name} fa0, a1`, ['integer'], true, float, ([a], rm) =>
          fromInteger(format, read(a!), rm),
        ),
      ];
    }),
  ];
}

/** A pattern of the format: corners, neighbours of powers of two, values near `other`, short fractions, anything. */
function operand(
  random: Random,
  { width, exponentBits, fractionBits }: Format,
  other: bigint,
  kind = random.below(10),
): bigint {
  const pattern = (bits: bigint) => BigInt.asUintN(width, bits);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits);
  const sign = BigInt(random.below(2)) << BigInt(width - 1);
  const bias = 2 ** (exponentBits - 1) - 1;
  const at = (exponent: number, fraction: bigint) =>
    sign | (BigInt(exponent) << BigInt(fractionBits)) | BigInt.asUintN(fractionBits, fraction);
  const few = BigInt(random.below(5) - 2);
  switch (kind) {
    case 0:
      return (
        sign | random.pick([0n, 1n, infinity, infinity + 1n, infinity - 1n, infinity | (infinity >> 1n)])
      );
    case 1: // subnormals and the least normal numbers
      return sign | BigInt.asUintN(fractionBits + 1, random.bits64() >> BigInt(random.below(fractionBits)));
    case 2: // beside a power of two
      return pattern(at(random.below(2 * bias) + 1, 0n) + few);
    case 3: // cancels with the other operand, or is halfway below its last place
      return pattern((other ^ sign) + few);
    case 4: {
      const exponent = Number((other >> BigInt(fractionBits)) & BigInt(2 * bias + 1));
      return at(
        Math.max(0, exponent - fractionBits - random.below(3)),
        random.below(2) ? 0n : random.bits64(),
      );
    }
    case 5: // a short fraction near one, so that results are exact or halfway
      return at(
        bias - 3 + random.below(7),
        random.bits64() << BigInt(fractionBits - random.below(fractionBits)),
      );
    case 7: {
      // A product or quotient with the other operand falls beside the least normal number.
      const exponent = Number((other >> BigInt(fractionBits)) & BigInt(2 * bias + 1)) - bias;
      const wanted = random.below(2) + (random.below(2) ? -exponent : exponent + 2 * bias - 1);
      return pattern(at(Math.min(Math.max(0, wanted), 2 * bias), 0n) + few);
    }
    case 6: // around the integers' limits
      return pattern(
        at(bias + random.pick([0, 30, 31, 32, 52, 62, 63, 64]), random.below(2) ? 0n : random.bits64()) + few,
      );
    default:
      return pattern(random.bits64());
  }
}

const integerOperand = (random: Random): bigint => {
  const power = 1n << BigInt(random.below(64));
  return BigInt.asUintN(
    64,
    random.pick([power + BigInt(random.below(5) - 2), -power, random.bits64() >> BigInt(random.below(64))]),
  );
};

describe('the float module ≡ qemu-user', () => {
  const oracle = qemuUserOracle(fileURLToPath(new URL('../guests/bin/instruction-runner', import.meta.url)));
  if (oracle.absent !== undefined) {
    test('the oracle is installed where it must be', () => {
      console.log(`skipped: the float module ≡ qemu-user, because ${oracle.absent}`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }

  const check = (
    operation: Operation,
    number: number,
  ): { readonly compared: number; readonly wrong: string[] } => {
    const random = new Random(seed, number);
    const tuples = Array.from({ length: perOperation }, (_, tuple) => {
      const operands: bigint[] = [];
      // One in five aims at tininess: two factors beside powers of two whose product is the least normal number.
      const kinds = tuple % 5 === 0 ? [2, 7] : [];
      for (const [index, type] of operation.operands.entries())
        operands.push(
          type === 'integer'
            ? integerOperand(random)
            : operand(random, formats[type], operands[0] ?? 0n, kinds[index]),
        );
      return { operands, mode: random.below(operation.rounds ? 5 : 1) as RoundingMode };
    });
    const code = modeNames.map((mode) => {
      const assembled = assemble(operation.rounds ? `${operation.text}, ${mode}` : operation.text, {
        isa: riscv64,
        origin: 0n,
      });
      if (!assembled.ok) throw new Error(`cannot assemble ${operation.text}`);
      return assembled.value.bytes;
    });
    const memory = new Uint8Array(oracle.memorySize);
    const theirs = oracle.run(
      tuples.map(({ operands, mode }) => ({
        code: code[mode]!,
        memory,
        cpu: blockOf(riscv64.layout, [
          ['pc', oracle.codeAddress],
          ...operands.map((value, index): readonly [string, bigint] => [
            operation.operands[index] === 'integer' ? 'x11' : `f${11 + index}`,
            operation.operands[index] === 'f32' ? boxed(value) : value,
          ]),
        ]),
      })),
    );
    const register = operation.text.includes(' a0') ? 'x10' : 'f10';
    const wrong = tuples.flatMap(({ operands, mode }, index) => {
      const { bits, flags } = operation.evaluate(operands, mode);
      const ours = `0x${operation.destination(bits).toString(16)} flags ${flags}`;
      const { cpu } = theirs[index]!;
      const slot = (name: string) => readSlot(cpu, riscv64.layout, name);
      const wanted = `0x${slot(register).toString(16)} flags ${slot('fflags')}`;
      if (ours === wanted) return [];
      const given = operands.map((value) => `0x${value.toString(16)}`).join(', ');
      return [`${operation.text}, ${modeNames[mode]} (${given}): ${ours}, qemu ${wanted}`];
    });
    return { compared: tuples.length, wrong };
  };

  test.each(['f32', 'f64'] as const)('every operation on %s, in every mode', (type) => {
    const results = operationsOn(type).map(check);
    const compared = results.reduce((sum, result) => sum + result.compared, 0);
    console.log(
      `float module ≡ ${oracle.name}: ${results.length} operations on ${type}, ${compared} tuples, seed ${seed}`,
    );
    expect(results.flatMap(({ wrong }) => wrong.slice(0, 3))).toEqual([]);
    expect(compared).toBe(results.length * perOperation);
  });
});

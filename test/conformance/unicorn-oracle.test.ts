import type { OracleCase, OracleOutcome } from '../../src/application/ports/oracle.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { unicornOracle } from '../../src/infrastructure/oracle/unicorn/unicorn-oracle.ts';
import { describeOracle, type KnownDifference } from './oracle-suite.ts';

const oracle = unicornOracle();

const example = (code: readonly number[], slots: Readonly<Record<string, bigint>>): OracleCase => ({
  code: Uint8Array.from(code),
  state: new Map([...Object.entries(slots), ['pc', oracle.codeAddress]]),
  memory: new Uint8Array(oracle.memorySize),
});

const boxOf = (bits: bigint): bigint => bits >> 32n;
const box = 0xffff_ffffn;
const singles = /\.s$|\.s\.|^fmv\.w\.x$|^fcvt\.\w+\.s$/;

/** The source operands' values in f registers. */
function floatSources({ code, state }: OracleCase): bigint[] {
  const decoded = riscv64.decode(code);
  if (typeof decoded === 'string') return [];
  return Object.entries(decoded.fields).flatMap(([name, value]) =>
    /^fs\d$/.test(name) ? [state.get(`f${value}`) ?? 0n] : [],
  );
}

/** The slots in which the outcomes differ. */
const differing = (ours: OracleOutcome, theirs: OracleOutcome): string[] =>
  [...theirs.state].flatMap(([slot, value]) => ((ours.state.get(slot) ?? 0n) === value ? [] : [slot]));
const isSignalling = (bits: bigint): boolean =>
  ((bits >> 51n) & 0xfffn) === 0xffen && (bits & 0x7_ffff_ffff_ffffn) !== 0n;

/** Unicorn 2.0 is built on qemu 5.0, which predates parts of the ratified manual. */
const known: readonly KnownDifference[] = [
  {
    row: singles,
    why: 'unicorn 2.0 does not NaN-box the single that it writes (unpriv 21.2); the single itself is compared',
    example: example([0xd3, 0x80, 0x00, 0xf0], { x1: 0x80n }), // fmv.w.x ft1, ra
    applies: (ours, theirs) => {
      const slots = differing(ours, theirs);
      return slots.every(
        (slot) =>
          slot.startsWith('f') &&
          slot !== 'fflags' &&
          boxOf(ours.state.get(slot) ?? 0n) === box &&
          BigInt.asUintN(32, ours.state.get(slot) ?? 0n) === BigInt.asUintN(32, theirs.state.get(slot)!),
      );
    },
  },
  {
    row: singles,
    why: 'unicorn 2.0 takes a single from a register that holds no NaN-boxed one; the manual gives a NaN (unpriv 21.2)',
    example: example([0xd3, 0x90, 0x00, 0xe0], { f1: 0x3f80_0000n }), // fclass.s ra, ft1
    applies: (_, __, asked) => floatSources(asked).some((bits) => boxOf(bits) !== box),
  },
  {
    row: /^fm(in|ax)\.d$/,
    why: 'unicorn 2.0 gives NaN for a signalling NaN and a number; minimumNumber gives the number (unpriv 20.6, 21.4)',
    example: example([0xd3, 0x80, 0x20, 0x2a], { f1: 0x7ff0_0000_0000_0001n, f2: 0x3ff0_0000_0000_0000n }), // fmin.d ft1, ft1, ft2
    applies: (ours, theirs, asked) =>
      floatSources(asked).some(isSignalling) &&
      differing(ours, theirs).every((slot) => theirs.state.get(slot) === 0x7ff8_0000_0000_0000n),
  },
  {
    row: /^fm(in|ax)\.s$/,
    why: 'the same for singles',
    example: example([0xd3, 0x80, 0x20, 0x28], { f1: 0xffff_ffff_7f80_0001n, f2: 0xffff_ffff_3f80_0000n }), // fmin.s ft1, ft1, ft2
    applies: (ours, theirs) =>
      differing(ours, theirs).every(
        (slot) => slot !== 'fflags' && BigInt.asUintN(32, theirs.state.get(slot)!) === 0x7fc0_0000n,
      ),
  },
  {
    row: /^amo(min|max)u?\.w$/,
    why: 'unicorn 2.0 compares all 64 bits of rs2 with the word, which it does not extend; the manual compares words (unpriv 14.4)',
    example: {
      ...example([0x2f, 0xa0, 0x20, 0x80], { x1: oracle.memoryAddress, x2: 0x8000_0000n }), // amomin.w zero, sp, (ra)
    },
    applies: (ours, theirs, { code, state }) => {
      const decoded = riscv64.decode(code);
      if (typeof decoded === 'string' || differing(ours, theirs).length > 0) return false;
      const rs2 = state.get(`x${decoded.fields['rs2']!}`) ?? 0n;
      const isSigned = !decoded.name.includes('u.');
      return isSigned || rs2 !== BigInt.asUintN(32, rs2);
    },
  },
];

describeOracle(oracle, known, 'unicorn 2.0');

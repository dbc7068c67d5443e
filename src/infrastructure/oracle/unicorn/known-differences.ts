import type { KnownDifference, OracleCase, OracleOutcome } from '../../../application/ports/oracle.ts';
import { readSlot } from '../../../application/verification/guest-case.ts';
import { riscv64 } from '../../../domain/isa/riscv64/riscv64.ts';
import { exampleCase } from '../example-case.ts';

/** Unicorn 2.0 is built on qemu 5.0, which predates parts of the ratified manual. */

const { layout } = riscv64;
/** x0 is no slot, and zero. */
const slot = ({ cpu }: OracleOutcome | OracleCase, name: string): bigint =>
  layout.slots.has(name) ? readSlot(cpu, layout, name) : 0n;

const boxOf = (bits: bigint): bigint => bits >> 32n;
const box = 0xffff_ffffn;
const low = (bits: bigint): bigint => BigInt.asUintN(32, bits);
const singles = /\.s$|\.s\.|^fmv\.w\.x$|^fcvt\.\w+\.s$/;

/** The source operands' values in f registers. */
function floatSources(asked: OracleCase): bigint[] {
  const decoded = riscv64.decode(asked.code);
  if (typeof decoded === 'string') return [];
  return Object.entries(decoded.fields).flatMap(([name, value]) =>
    /^fs\d$/.test(name) ? [slot(asked, `f${value}`)] : [],
  );
}

/** The slots in which the outcomes differ. */
const differing = (ours: OracleOutcome, theirs: OracleOutcome): string[] =>
  [...layout.slots.keys()].filter(
    (name) => name !== 'pc' && name !== 'reservation' && slot(ours, name) !== slot(theirs, name),
  );

const isSignalling = (bits: bigint): boolean =>
  ((bits >> 51n) & 0xfffn) === 0xffen && (bits & 0x7_ffff_ffff_ffffn) !== 0n;

/** As Linux signals them: SIGILL; SIGBUS; and SIGILL, which stands for an unhandled exception, and SIGSEGV. */
const illegal = 4;
const misaligned = 7;
const otherSignals: readonly (number | undefined)[] = [4, 11];

/** Its examples lie where the oracle has its code and memory. */
export function unicornKnownDifferences(
  codeAddress: bigint,
  memoryAddress: bigint,
  memorySize: number,
): readonly KnownDifference[] {
  const example = exampleCase.bind(undefined, codeAddress, memorySize);
  return [
    {
      row: singles,
      why: 'unicorn 2.0 does not NaN-box the single that it writes (unpriv 21.2); the single itself is compared',
      example: example([0xd3, 0x80, 0x00, 0xf0], { x1: 0x80n }), // fmv.w.x ft1, ra
      applies: (ours, theirs) =>
        differing(ours, theirs).every(
          (name) =>
            /^f\d/.test(name) &&
            boxOf(slot(ours, name)) === box &&
            low(slot(ours, name)) === low(slot(theirs, name)),
        ),
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
        differing(ours, theirs).every((name) => slot(theirs, name) === 0x7ff8_0000_0000_0000n),
    },
    {
      row: /^fm(in|ax)\.s$/,
      why: 'the same for singles',
      example: example([0xd3, 0x80, 0x20, 0x28], { f1: 0xffff_ffff_7f80_0001n, f2: 0xffff_ffff_3f80_0000n }), // fmin.s ft1, ft1, ft2
      applies: (ours, theirs) =>
        differing(ours, theirs).every(
          (name) => name !== 'fflags' && low(slot(theirs, name)) === 0x7fc0_0000n,
        ),
    },
    {
      row: /^amo(min|max)u?\.w$/,
      why: 'unicorn 2.0 compares all 64 bits of rs2 with the word, which it does not extend; the manual compares words (unpriv 14.4)',
      example: example([0x2f, 0xa0, 0x20, 0x80], { x1: memoryAddress, x2: 0x8000_0000n }), // amomin.w zero, sp, (ra)
      applies: (ours, theirs, asked) => {
        const decoded = riscv64.decode(asked.code);
        if (typeof decoded === 'string' || differing(ours, theirs).length > 0) return false;
        const rs2 = slot(asked, `x${decoded.fields['rs2']!}`);
        const isSigned = !decoded.name.includes('u.');
        return isSigned || rs2 !== low(rs2);
      },
    },
    {
      row: /^(lr|amo.*)\.[wd]$/,
      why: 'unicorn 2.0 reports a misaligned atomic access as an unhandled exception, or one that is not permitted; it is misaligned (unpriv 14.2, 14.4)',
      example: example([0x2f, 0xa6, 0x05, 0x10], { x11: memoryAddress + 2n }), // lr.w a2, (a1)
      applies: (ours, theirs) => ours.signal === misaligned && otherSignals.includes(theirs.signal),
    },
    {
      row: /^sc\.[wd]$/,
      why: 'unicorn 2.0 does not look at the address of a store-conditional that fails; a misaligned one must raise an exception (unpriv 14.2)',
      example: example([0x2f, 0xa6, 0x75, 0x1c], { x11: memoryAddress + 2n }), // sc.w.aq a2, t2, (a1)
      applies: (ours, theirs) => theirs.kind === 'completed' && ours.signal === misaligned,
    },
    {
      row: /^csrr[sc]i?$/,
      why: 'unicorn 2.0 has no clock, and takes a read of time for an illegal instruction (unpriv 8.1)',
      example: example([0x73, 0x24, 0x10, 0xc0], {}), // csrrs s0, time, zero
      applies: (ours, theirs, { code }) =>
        ours.kind === 'completed' && theirs.signal === illegal && (code[2]! | (code[3]! << 8)) >> 4 === 0xc01,
    },
    {
      row: /^csrr[sc]$/,
      why: 'unicorn 2.0 lets a read-only register be written from a register that holds zero; unless that is x0, it must raise an exception (unpriv 7.1)',
      example: example([0x73, 0x3f, 0x0f, 0xc0], {}), // csrrc t5, cycle, t5
      applies: (ours, theirs, { code }) =>
        ours.signal === illegal && theirs.kind === 'completed' && code[3]! >> 6 === 3,
    },
  ];
}

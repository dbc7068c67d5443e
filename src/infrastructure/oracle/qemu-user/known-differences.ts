import type { KnownDifference } from '../../../application/ports/oracle.ts';
import { readSlot } from '../../../application/verification/guest-case.ts';
import { layout, state } from '../../../domain/isa/riscv64/state.ts';
import { exampleCase } from '../example-case.ts';

/** Major and minor. */
export type QemuVersion = readonly [major: number, minor: number];

/** The versions for which each difference below has been seen, or its repair. */
export const triedVersions = ['7.2', '10.0'];

interface DatedDifference extends KnownDifference {
  /** The version that repaired it. */
  readonly repairedIn?: QemuVersion;
}

/** As Linux signals them: SIGILL, SIGBUS. */
const illegal = 4;
const misaligned = 7;

const isBefore = ([major, minor]: QemuVersion, [otherMajor, otherMinor]: QemuVersion): boolean =>
  major < otherMajor || (major === otherMajor && minor < otherMinor);

/** Those that qemu of that version still has. Examples lie where the oracle has its code and memory. */
export function qemuKnownDifferences(
  version: QemuVersion,
  codeAddress: bigint,
  memoryAddress: bigint,
  memorySize: number,
): readonly KnownDifference[] {
  const example = exampleCase.bind(undefined, codeAddress, memorySize);
  const all: readonly DatedDifference[] = [
    {
      row: /^sc\.[wd]$/,
      why: 'qemu does not look at the address of a store-conditional that fails; a misaligned one must raise an exception (unpriv 14.2)',
      example: example([0x2f, 0xa6, 0x75, 0x1c], { x11: memoryAddress + 2n }), // sc.w.aq a2, t2, (a1)
      applies: (ours, theirs) => theirs.kind === 'completed' && ours.signal === misaligned,
    },
    {
      row: /^ctzw$/,
      why: 'qemu before 8.0 counts on into the high word where the low word is zero; the manual gives 32 (unpriv 28.5 ctzw)',
      repairedIn: [8, 0],
      example: example([0x9b, 0x12, 0x13, 0x60], { x6: 1n << 63n }), // ctzw t0, t1
      applies: (ours, theirs) =>
        state.x.slice(1).every(({ name }) => {
          const [own, other] = [ours, theirs].map(({ cpu }) => readSlot(cpu, layout, name)) as [
            bigint,
            bigint,
          ];
          return own === other || (own === 32n && other > 32n);
        }),
    },
    {
      row: /^csrr[sc]$/,
      why: 'qemu before 9.1 lets a read-only register be written from a register that holds zero; unless that is x0, it must raise an exception (unpriv 7.1)',
      repairedIn: [9, 1],
      example: example([0x73, 0x3f, 0x0f, 0xc0], {}), // csrrc t5, cycle, t5
      applies: (ours, theirs, { code }) =>
        ours.signal === illegal && theirs.kind === 'completed' && code[3]! >> 6 === 3,
    },
  ];
  return all.filter(({ repairedIn }) => repairedIn === undefined || isBefore(version, repairedIn));
}

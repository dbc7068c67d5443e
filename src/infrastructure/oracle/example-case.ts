import type { OracleCase } from '../../application/ports/oracle.ts';
import { blockOf } from '../../application/verification/guest-case.ts';
import { layout, noReservation } from '../../domain/isa/riscv64/state.ts';

/** Code at `codeAddress`, slots and `memorySize` bytes of zeros: the case that shows a known difference of an oracle. */
export function exampleCase(
  codeAddress: bigint,
  memorySize: number,
  code: readonly number[],
  slots: Readonly<Record<string, bigint>>,
): OracleCase {
  return {
    code: Uint8Array.from(code),
    cpu: blockOf(layout, [...Object.entries(slots), ['pc', codeAddress], ['reservation', noReservation]]),
    memory: new Uint8Array(memorySize),
  };
}

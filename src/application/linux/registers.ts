import { noReservation, state } from '../../domain/isa/riscv64/state.ts';

/** The thread's registers in its vCPU state block, as the RISC-V Linux ABI names them. */

const view = (cpu: Uint8Array): DataView => new DataView(cpu.buffer, cpu.byteOffset, cpu.byteLength);

/** Bytes of the instruction that makes a system call. */
export const ecallLength = 4n;

export const register = { ra: 1, sp: 2, tp: 4, a0: 10, a1: 11, a2: 12, a7: 17 } as const;

export function getX(cpu: Uint8Array, number: number): bigint {
  return number === 0 ? 0n : view(cpu).getBigUint64(state.x[number]!.offset, true);
}

export function setX(cpu: Uint8Array, number: number, value: bigint): void {
  if (number !== 0) view(cpu).setBigUint64(state.x[number]!.offset, BigInt.asUintN(64, value), true);
}

export const getPc = (cpu: Uint8Array): bigint => view(cpu).getBigUint64(state.pc.offset, true);

export const setPc = (cpu: Uint8Array, value: bigint): void =>
  view(cpu).setBigUint64(state.pc.offset, BigInt.asUintN(64, value), true);

export const getF = (cpu: Uint8Array, number: number): bigint =>
  view(cpu).getBigUint64(state.f[number]!.offset, true);

export const setF = (cpu: Uint8Array, number: number, value: bigint): void =>
  view(cpu).setBigUint64(state.f[number]!.offset, value, true);

/** fcsr: frm in bits 7-5, fflags in bits 4-0 (unprivileged 20.2). */
export const getFcsr = (cpu: Uint8Array): number =>
  ((cpu[state.frm.offset]! & 7) << 5) | (view(cpu).getUint32(state.fflags.offset, true) & 31);

export function setFcsr(cpu: Uint8Array, value: number): void {
  cpu[state.frm.offset] = (value >>> 5) & 7;
  view(cpu).setUint32(state.fflags.offset, value & 31, true);
}

/** A store conditional after a switch, a system call or a signal must fail. */
export const clearReservation = (cpu: Uint8Array): void =>
  view(cpu).setBigUint64(state.reservation.offset, noReservation, true);

/** The arguments of a system call: a0 to a5. */
export const callArguments = (cpu: Uint8Array): readonly bigint[] =>
  [10, 11, 12, 13, 14, 15].map((number) => getX(cpu, number));

export function freshCpu(): Uint8Array {
  const cpu = new Uint8Array(state.layout.size);
  clearReservation(cpu);
  return cpu;
}

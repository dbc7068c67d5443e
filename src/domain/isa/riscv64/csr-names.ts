/**
 * Control and status registers by name: the user-level ones that this machine has, and the rest of the standard
 * ones so that assembly can name them (using one that user mode lacks is an illegal instruction). Unpriv 7, 20; priv 2.2.
 */
const series = (prefix: string, from: number, to: number, address: number, suffix = '') =>
  Array.from({ length: to - from + 1 }, (_, n) => [`${prefix}${from + n}${suffix}`, address + n] as const);

// prettier-ignore
export const csrNames: readonly (readonly [name: string, address: number])[] = [
  ['fflags', 0x001], ['frm', 0x002], ['fcsr', 0x003],
  ['cycle', 0xc00], ['time', 0xc01], ['instret', 0xc02], ...series('hpmcounter', 3, 31, 0xc03),
  ['sstatus', 0x100], ['sie', 0x104], ['stvec', 0x105], ['scounteren', 0x106], ['senvcfg', 0x10a],
  ['sscratch', 0x140], ['sepc', 0x141], ['scause', 0x142], ['stval', 0x143], ['sip', 0x144], ['satp', 0x180],
  ['mvendorid', 0xf11], ['marchid', 0xf12], ['mimpid', 0xf13], ['mhartid', 0xf14], ['mconfigptr', 0xf15],
  ['mstatus', 0x300], ['misa', 0x301], ['medeleg', 0x302], ['mideleg', 0x303], ['mie', 0x304], ['mtvec', 0x305],
  ['mcounteren', 0x306], ['menvcfg', 0x30a], ['mscratch', 0x340], ['mepc', 0x341], ['mcause', 0x342],
  ['mtval', 0x343], ['mip', 0x344], ['mtinst', 0x34a], ['mtval2', 0x34b],
];

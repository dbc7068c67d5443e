import type { TravelSession } from '../../application/travel/travel.ts';

/**
 * The registers of a RISC-V 64 guest as GDB numbers them (gdb/riscv-tdep.h): x0 to x31, pc, f0 to f31, and from 65 on the
 * control and status registers.
 */
interface GdbRegister {
  readonly name: string;
  readonly number: number;
  readonly bytes: number;
  readonly type: string;
  readonly group?: string;
  value(slots: ReadonlyMap<string, bigint>, icount: number): bigint;
}

const numbers = Array.from({ length: 32 }, (_, n) => n);
const csr = (number: number): number => 65 + number;
const pointers = new Map([
  [1, 'code_ptr'],
  [2, 'data_ptr'],
  [3, 'data_ptr'],
  [4, 'data_ptr'],
]);

const slotOf = (name: string) => (slots: ReadonlyMap<string, bigint>) => slots.get(name) ?? 0n;
const counter = (_: unknown, icount: number): bigint => BigInt(icount);

const features: Readonly<Record<string, readonly GdbRegister[]>> = {
  'org.gnu.gdb.riscv.cpu': [
    ...numbers.map((n) => ({
      name: n === 0 ? 'zero' : `x${n}`,
      number: n,
      bytes: 8,
      type: pointers.get(n) ?? 'int',
      value: slotOf(`x${n}`),
    })),
    { name: 'pc', number: 32, bytes: 8, type: 'code_ptr', value: slotOf('pc') },
  ],
  'org.gnu.gdb.riscv.fpu': [
    ...numbers.map((n) => ({
      name: `f${n}`,
      number: 33 + n,
      bytes: 8,
      type: 'ieee_double',
      value: slotOf(`f${n}`),
    })),
    { name: 'fflags', number: csr(1), bytes: 4, type: 'int', group: 'float', value: slotOf('fflags') },
    { name: 'frm', number: csr(2), bytes: 4, type: 'int', group: 'float', value: slotOf('frm') },
    {
      name: 'fcsr',
      number: csr(3),
      bytes: 4,
      type: 'int',
      group: 'float',
      value: (slots) => ((slots.get('frm') ?? 0n) << 5n) | (slots.get('fflags') ?? 0n),
    },
  ],
  'org.gnu.gdb.riscv.csr': [
    { name: 'cycle', number: csr(0xc00), bytes: 8, type: 'int', group: 'system', value: counter },
    { name: 'instret', number: csr(0xc02), bytes: 8, type: 'int', group: 'system', value: counter },
  ],
};

const all = Object.values(features).flat();
const byNumber = new Map(all.map((register) => [register.number, register]));

/** The target description: `target.xml`. */
export function targetDescription(): string {
  const registers = (list: readonly GdbRegister[]) =>
    list
      .map(
        ({ name, number, bytes, type, group }) =>
          `<reg name="${name}" bitsize="${bytes * 8}" regnum="${number}" type="${type}"${group === undefined ? '' : ` group="${group}"`}/>`,
      )
      .join('\n');
  return `<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>riscv:rv64</architecture>
<osabi>GNU/Linux</osabi>
${Object.entries(features)
  .map(([name, list]) => `<feature name="${name}">\n${registers(list)}\n</feature>`)
  .join('\n')}
</target>
`;
}

/** The registers of a thread in the order of their numbers, as the `g` packet has them; undefined without the thread. */
export function allRegisters(session: TravelSession, thread: number): string | undefined {
  const slots = session.registers(thread);
  return (
    slots &&
    all.map((register) => littleEndian(register.value(slots, session.icount), register.bytes)).join('')
  );
}

/** One register, by its number. */
export function oneRegister(session: TravelSession, thread: number, number: number): string | undefined {
  const slots = session.registers(thread);
  const register = byNumber.get(number);
  return slots && register && littleEndian(register.value(slots, session.icount), register.bytes);
}

function littleEndian(value: bigint, bytes: number): string {
  const digits = BigInt.asUintN(8 * bytes, value)
    .toString(16)
    .padStart(2 * bytes, '0');
  return digits.match(/../g)!.reverse().join('');
}

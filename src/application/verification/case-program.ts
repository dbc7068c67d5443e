import { assemble, type AssemblyOptions } from '../../domain/isa/assembler.ts';
import { noReservation } from '../../domain/isa/riscv64/state.ts';
import { permission } from '../ports/guest-memory.ts';
import type { CaseLine } from './case-line.ts';
import { VerificationError } from './verification-error.ts';
import { codeAddress, regions } from './world.ts';

/**
 * A case as a program of its own, so that it can be recorded, replayed and travelled through: an ELF image with the case's memory,
 * code that sets the registers, the case's code where it belongs, and an exit behind it. What it begins with is the case's
 * state but for the instruction count, and that data lie higher: Linux maps nothing so low. Registers that point to or near data
 * are moved with them.
 */
const startAddress = 0x20000n;
const dataShift = 0x100000n;
/** Offsets of loads and stores reach so far. */
const reach = 0x800n;
const data = regions.filter(({ start }) => BigInt(start) < codeAddress);
const dataEnd = BigInt(Math.max(...data.map(({ start, length }) => start + length)));

const moved = (value: bigint): bigint =>
  value >= BigInt(data[0]!.start) - reach && value < dataEnd + reach ? value + dataShift : value;
const headerSize = 64;
const programHeaderSize = 56;
const pageSize = 4096;

/** Engines step the last instructions of a run, whatever they make of them otherwise. */
const after = new Array<string>(1200).fill('c.nop');

interface Segment {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly flags: number;
}

const readable = 4;
const executable = 1;
const writable = 2;

/** Throws `invalid-case` for a case whose code cannot be reached from the program's start. */
export function caseProgram(each: CaseLine, isa: AssemblyOptions['isa']): Uint8Array {
  const pc = each.before.slots.get('pc') ?? codeAddress;
  const code = assembled(
    [`.byte ${[...each.bytes].join(', ')}`, ...after, 'li a7, 93', 'li a0, 0', 'ecall'].join('\n'),
    pc,
    each,
    isa,
  );
  const segments: Segment[] = [
    ...data.map(({ start, length, permissions }) => ({
      address: BigInt(start) + dataShift,
      bytes: memoryOf(each, start, length),
      flags:
        readable |
        ((permissions & permission.write) !== 0 ? writable : 0) |
        ((permissions & permission.execute) !== 0 ? executable : 0),
    })),
    { address: pc, bytes: code, flags: readable | executable },
    { address: startAddress, bytes: startOf(each, pc, isa), flags: readable | executable },
  ];
  return imageOf(segments);
}

function assembled(
  source: string,
  origin: bigint,
  { place }: CaseLine,
  isa: AssemblyOptions['isa'],
): Uint8Array {
  const result = assemble(source, { isa, origin });
  if (result.ok) return result.value.bytes;
  const [first] = result.error;
  throw new VerificationError('invalid-case', `${place}: it makes no program: ${first!.message}`, { place });
}

function memoryOf({ before }: CaseLine, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [address, piece] of before.memory)
    piece.forEach((byte, at) => {
      const offset = address + at - start;
      if (offset >= 0 && offset < length) bytes[offset] = byte;
    });
  return bytes;
}

/** Sets floating-point registers, control registers, a reservation, and the integer registers last. */
function startOf(each: CaseLine, pc: bigint, isa: AssemblyOptions['isa']): Uint8Array {
  const { slots } = each.before;
  const set = (register: string, value: bigint): string => `li ${register}, 0x${value.toString(16)}`;
  const lines: string[] = [];
  for (let n = 0; n < 32; n++) {
    const value = slots.get(`f${n}`);
    if (value !== undefined) lines.push(set('t0', value), `fmv.d.x f${n}, t0`);
  }
  const status = (slots.get('fflags') ?? 0n) | ((slots.get('frm') ?? 0n) << 5n);
  lines.push(set('t0', status), 'csrw fcsr, t0');
  const reserved = slots.get('reservation') ?? noReservation;
  if (reserved !== noReservation) lines.push(set('t0', moved(reserved)), 'lr.w zero, (t0)');
  // The kernel starts a program with a stack pointer; a case begins with zeros.
  for (let n = 1; n < 32; n++) lines.push(set(`x${n}`, moved(slots.get(`x${n}`) ?? 0n)));
  return assembled([...lines, `j 0x${pc.toString(16)}`].join('\n'), startAddress, each, isa);
}

function imageOf(segments: readonly Segment[]): Uint8Array {
  let offset = pageSize;
  const placed = segments.map((segment) => {
    const at = offset + Number(segment.address % BigInt(pageSize));
    offset = Math.ceil((at + segment.bytes.length) / pageSize) * pageSize;
    return { ...segment, at };
  });
  const image = new Uint8Array(offset);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 243, true); // EM_RISCV
  view.setUint32(20, 1, true);
  view.setBigUint64(24, startAddress, true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, programHeaderSize, true);
  view.setUint16(56, placed.length, true);
  placed.forEach(({ address, bytes, flags, at }, index) => {
    const header = headerSize + index * programHeaderSize;
    view.setUint32(header, 1, true); // PT_LOAD
    view.setUint32(header + 4, flags, true);
    view.setBigUint64(header + 8, BigInt(at), true);
    view.setBigUint64(header + 16, address, true);
    view.setBigUint64(header + 32, BigInt(bytes.length), true);
    view.setBigUint64(header + 40, BigInt(bytes.length), true);
    view.setBigUint64(header + 48, BigInt(pageSize), true);
    image.set(bytes, at);
  });
  return image;
}

import { disassembleRange } from '../../domain/isa/disassembler.ts';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';

/** Rows of a disassembly listing: address, encoding (as one number), assembly; labels have rows of their own. */
export function listCode(
  bytes: Uint8Array,
  address: bigint,
  labels: ReadonlyMap<bigint, string> = new Map(),
): readonly (readonly string[])[] {
  const rows: string[][] = [];
  for (const { address: at, length, bits, text } of disassembleRange(riscv64, bytes, address)) {
    const label = labels.get(at);
    if (label !== undefined) rows.push([`${label}:`]);
    const digits = bits.toString(16).padStart(2 * length, '0');
    rows.push([`  ${at.toString(16)}`, digits, text ?? `.insn 0x${digits}  # illegal`]);
  }
  return rows;
}

/** The same for machines. */
export const jsonListing = (
  bytes: Uint8Array,
  address: bigint,
  labels: ReadonlyMap<bigint, string> = new Map(),
) =>
  [...disassembleRange(riscv64, bytes, address)].map(({ address: at, length, bits, text }) => ({
    address: at,
    bytes: bits
      .toString(16)
      .padStart(2 * length, '0')
      .match(/../g)!
      .reverse()
      .join(''),
    text: text ?? null,
    label: labels.get(at) ?? null,
  }));

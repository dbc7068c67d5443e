import type { InstructionSet } from './instruction-set.ts';

/** One line of a listing. `text` is undefined where the bytes are no instruction; then `illegal` says why. */
export interface Listed {
  readonly address: bigint;
  /** In bytes. */
  readonly length: number;
  /** Little-endian. */
  readonly bits: bigint;
  readonly text: string | undefined;
  readonly illegal?: 'illegal' | 'truncated';
}

/**
 * Lists `bytes`, the first of which lies at `address`. After bytes that are no instruction it goes on at the next
 * possible address.
 */
export function* disassembleRange(
  isa: InstructionSet,
  bytes: Uint8Array,
  address: bigint,
): Generator<Listed> {
  for (let offset = 0; offset < bytes.length;) {
    const decoded = isa.decode(bytes, offset);
    const at = address + BigInt(offset);
    if (typeof decoded === 'string') {
      const length = Math.min(isa.alignment, bytes.length - offset);
      let bits = 0n;
      for (let byte = length - 1; byte >= 0; byte--) bits = (bits << 8n) | BigInt(bytes[offset + byte]!);
      yield { address: at, length, bits, text: undefined, illegal: decoded };
      offset += length;
    } else {
      yield { address: at, length: decoded.length, bits: decoded.bits, text: isa.disassemble(decoded, at) };
      offset += decoded.length;
    }
  }
}

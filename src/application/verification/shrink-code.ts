import { bytesOf } from '../../domain/isa/encoder.ts';
import type { Decoded, InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import { profileOf } from './generators/inputs.ts';
import { liftRow } from './generators/instructions.ts';

/** The instructions of straight code, each with its bytes. */
export function instructionsOf(isa: InstructionSet, code: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < code.length;) {
    const decoded = isa.decode(code, at);
    const length = typeof decoded === 'string' ? Math.min(isa.alignment, code.length - at) : decoded.length;
    found.push(code.subarray(at, at + length));
    at += length;
  }
  return found;
}

export const joined = (instructions: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(instructions.flatMap((bytes) => Array.from(bytes)));

/**
 * Code without one of its instructions, in which jumps and branches across the gap still go to the same instructions; one to the
 * instruction left out goes to the next. Undefined where a distance cannot be encoded.
 */
export function withoutInstruction(
  isa: InstructionTable,
  code: Uint8Array,
  left: number,
): Uint8Array | undefined {
  const instructions = instructionsOf(isa, code);
  const starts = [0];
  for (const { length } of instructions) starts.push(starts.at(-1)! + length);
  const gap = instructions[left]!.length;
  const moved = (address: number): number => (address > starts[left]! ? address - gap : address);
  const kept: Uint8Array[] = [];
  for (const [at, bytes] of instructions.entries()) {
    if (at === left) continue;
    const decoded = isa.decode(bytes);
    const field = typeof decoded === 'string' ? undefined : distanceField(isa, decoded);
    if (typeof decoded === 'string' || field === undefined) {
      kept.push(bytes);
      continue;
    }
    const target = starts[at]! + decoded.fields[field]!;
    const inside = starts.includes(target);
    const distance = inside ? moved(target) - moved(starts[at]!) : decoded.fields[field]!;
    const encoded = isa.encode(decoded.name, { ...decoded.fields, [field]: distance });
    if (!encoded.ok) return undefined;
    kept.push(bytesOf(encoded.value));
  }
  return joined(kept);
}

/** The field that says how far a direct jump or branch goes. */
function distanceField(isa: InstructionTable, { name, fields }: Decoded): string | undefined {
  const field = Object.keys(fields).find((each) => each.startsWith('simm'));
  if (field === undefined) return undefined;
  return profileOf(liftRow(isa, isa.row(name)!, fields)).flow === 'direct' ? field : undefined;
}

import { BlockBuilder } from '../../domain/ir/builder.ts';
import type { IrBlock } from '../../domain/ir/node.ts';
import { optimisationSteps } from '../../domain/ir/optimiser/optimise.ts';
import { printBlock } from '../../domain/ir/printer.ts';
import type { Decoded } from '../../domain/isa/instruction-set.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';

export interface ExplainedInstruction {
  readonly address: bigint;
  /** In memory order, hexadecimal. */
  readonly bytes: string;
  readonly text: string;
  readonly row:
    | { readonly name: string; readonly pattern: string; readonly spec: string; readonly bits: string }
    | undefined;
  readonly fields: readonly { readonly name: string; readonly value: number }[];
  /** The full form of a compressed instruction. */
  readonly expansion: string | undefined;
}

export interface Explanation {
  readonly isa: typeof riscv64;
  readonly instructions: readonly ExplainedInstruction[];
  /** The IR of the block that begins at the first byte, printed; empty when the first encoding is illegal. */
  readonly ir: string;
  /** Bytes that the block covers: it ends after a jump, before an illegal encoding, or with the code. */
  readonly length: number;
  /** The block's IR after each pass of the optimiser. */
  readonly passes: readonly ExplainedPass[];
}

export interface ExplainedPass {
  readonly name: string;
  readonly summary: string;
  readonly changed: boolean;
  readonly ir: string;
}

/** Takes code apart, instruction by instruction, and lifts its first block. */
export function explainCode(code: Uint8Array, origin: bigint): Explanation {
  const instructions: ExplainedInstruction[] = [];
  const block = new BlockBuilder(riscv64.layout);
  let covered = 0;
  for (let offset = 0; offset < code.length;) {
    const decoded = riscv64.decode(code, offset);
    const address = origin + BigInt(offset);
    if (typeof decoded === 'string') {
      const rest = code.subarray(
        offset,
        offset + (code.length - offset >= 4 && (code[offset]! & 3) === 3 ? 4 : 2),
      );
      instructions.push(illegal(address, rest, decoded));
      offset += rest.length;
      continue;
    }
    instructions.push(explain(decoded, code.subarray(offset, offset + decoded.length), address));
    if (!block.closed && covered === offset) {
      block.instruction(decoded.length);
      decoded.lift(block);
      covered = offset + decoded.length;
    }
    offset += decoded.length;
  }
  const nothing = { isa: riscv64, instructions, ir: '', length: 0, passes: [] };
  if (covered === 0) return nothing;
  const raw = block.finish();
  return { ...nothing, ir: printBlock(raw), length: covered, passes: explainPasses(raw) };
}

function explainPasses(raw: IrBlock): readonly ExplainedPass[] {
  let before = raw;
  return [...optimisationSteps(raw)].map(({ pass: { name, summary }, block }) => {
    const changed = block !== before;
    before = block;
    return { name, summary, changed, ir: printBlock(block) };
  });
}

function explain(decoded: Decoded, bytes: Uint8Array, address: bigint): ExplainedInstruction {
  const row = riscv64.row(decoded.name);
  return {
    address,
    bytes: hexBytes(bytes),
    text: riscv64.disassemble(decoded, address),
    row: row && { name: row.name, pattern: row.pattern, spec: row.spec, bits: bitsByField(row, decoded) },
    fields: Object.entries(decoded.fields).map(([name, value]) => ({ name, value })),
    expansion: row?.expand && expansionText(row.expand(decoded.fields)),
  };
}

const illegal = (address: bigint, bytes: Uint8Array, why: 'illegal' | 'truncated'): ExplainedInstruction => ({
  address,
  bytes: hexBytes(bytes),
  text: why === 'illegal' ? 'illegal instruction' : 'truncated instruction',
  row: undefined,
  fields: [],
  expansion: undefined,
});

const hexBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

const expansionText = ([name, fields]: ReturnType<NonNullable<Row['expand']>>): string =>
  [name, ...Object.entries(fields).map(([field, value]) => `${field}=${value}`)].join(' ');

/** The encoding in binary, most significant bit first, cut where the pattern's words are. */
function bitsByField(row: Row, { bits, length }: Decoded): string {
  const digits = bits.toString(2).padStart(8 * length, '0');
  let at = 0;
  return row.pattern
    .split(' ')
    .map((word) => digits.slice(at, (at += wordWidth(word))))
    .join(' ');
}

/** How many bits a word of a pattern stands for: `0110011`, `rd:5!0`, `simm[12|10:5]`. */
function wordWidth(word: string): number {
  if (/^[01]+$/.test(word)) return word.length;
  const width = /:(\d+)(?:!.*)?$/.exec(word);
  const pieces = /\[(.*)\]/.exec(word);
  if (!pieces) return Number(width?.[1] ?? 0);
  return pieces[1]!.split('|').reduce((sum, piece) => {
    const [high, low = high] = piece.split(':').map(Number);
    return sum + high! - low! + 1;
  }, 0);
}

import type { InstructionTable } from '../../../domain/isa/instruction-table.ts';
import type { Fields } from '../../../domain/isa/pattern.ts';
import { writableCodeAddress } from '../world.ts';
import type { Input } from './inputs.ts';
import { profileOf } from './inputs.ts';
import { encodeRow, liftRow } from './instructions.ts';
import type { Random } from './random.ts';
import type { SampledInstruction } from './sampled-instruction.ts';

/**
 * How generated code is put together: loops that end, functions that call each other, code that writes code. Each shape takes
 * straight pieces and gives the whole, without the system call that ends it. RISC-V's instructions are named here alone.
 */
export type Shape = (parts: ShapeParts) => ShapedCode;

export interface ShapeParts {
  readonly random: Random;
  readonly isa: InstructionTable;
  /** Drafts with direct jumps and branches among them aimed at each other or at their end. */
  readonly aim: (drafts: readonly SampledInstruction[]) => readonly SampledInstruction[];
  readonly body: readonly SampledInstruction[];
}

export interface ShapedCode {
  readonly instructions: readonly SampledInstruction[];
  /** Goes behind the system call that ends the rest. */
  readonly functions: readonly SampledInstruction[];
  /** What registers must hold at the beginning. */
  readonly constants: readonly Input[];
}

const [ra, sp, counter] = [1, 2, 7];
/** Of code that writes code: where to, and the words to write. */
const [target, firstWord, returnWord, secondWord] = [28, 29, 30, 31];

export const straight: Shape = ({ aim, body }) => ({ instructions: aim(body), functions: [], constants: [] });

/** The body, a few times. */
export const loop: Shape = ({ random, isa, aim, body }) => {
  const piece = aim(leavingAlone(body, [counter]));
  const back = -(lengthOf(piece) + 4);
  return {
    instructions: [
      ...piece,
      written(isa, 'addi', { rd: counter, rs1: counter, simm: -1 }),
      written(isa, 'bne', { rs1: counter, rs2: 0, simm: back }),
    ],
    functions: [],
    constants: [constant(isa, counter, BigInt(1 + random.below(5)))],
  };
};

/** Calls of a function that saves its return address on the stack and calls another one. */
export const calls: Shape = ({ isa, aim, body }) => {
  const pieces = [0, 1, 2, 3].map((n) =>
    aim(
      leavingAlone(
        body.filter((_, at) => at % 4 === n),
        [ra, sp],
      ),
    ),
  );
  const [before, after, outer, inner] = pieces as [Piece, Piece, Piece, Piece];
  const prologue = [
    written(isa, 'addi', { rd: sp, rs1: sp, simm: -16 }),
    written(isa, 'sd', { rs2: ra, rs1: sp, simm: 8 }),
  ];
  const epilogue = [
    written(isa, 'ld', { rd: ra, rs1: sp, simm: 8 }),
    written(isa, 'addi', { rd: sp, rs1: sp, simm: 16 }),
    returning(isa),
  ];
  // From the call over what follows it and the system call.
  const toOuter = 4 + lengthOf(after) + 4;
  return {
    instructions: [...before, written(isa, 'jal', { rd: ra, simm: toOuter }), ...after],
    functions: [
      ...prologue,
      ...outer,
      written(isa, 'jal', { rd: ra, simm: 4 + lengthOf(epilogue) }),
      ...epilogue,
      ...inner,
      returning(isa),
    ],
    constants: [],
  };
};

/** Writes an instruction and a return, calls them, writes another instruction over the first, and calls that. */
export const selfModifying: Shape = ({ random, isa, aim, body }) => {
  const kept = leavingAlone(body, [ra, target, firstWord, returnWord, secondWord]);
  const plain = kept.filter(({ profile }) => profile.flow === 'none');
  if (plain.length < 2) return straight({ random, isa, aim, body });
  const [first, second] = [plain[0]!, plain[1]!];
  const write = (from: number, simm: number): Piece => [
    written(isa, 'sw', { rs2: from, rs1: target, simm }),
    ...(random.chance(50) ? [written(isa, 'fence.i', {})] : []),
  ];
  const call = withoutInputs(written(isa, 'jalr', { rd: ra, rs1: target, simm: 0 }));
  return {
    instructions: [
      ...aim(kept.filter((each) => each !== first && each !== second)),
      ...write(returnWord, 4),
      ...write(firstWord, 0),
      call,
      ...write(secondWord, 0),
      call,
    ],
    functions: [],
    constants: [
      constant(isa, target, BigInt(writableCodeAddress)),
      constant(isa, firstWord, wordOf(isa, first)),
      constant(isa, returnWord, wordOf(isa, returning(isa))),
      constant(isa, secondWord, wordOf(isa, second)),
      ...[first, second].flatMap(({ profile }) => profile.inputs),
    ],
  };
};

type Piece = readonly SampledInstruction[];

function written(isa: InstructionTable, name: string, fields: Fields): SampledInstruction {
  const row = isa.row(name)!;
  return { row, fields, profile: profileOf(liftRow(isa, row, fields)) };
}

/** Whose target is known, and must not be drawn. */
const withoutInputs = (each: SampledInstruction): SampledInstruction => ({
  ...each,
  profile: { ...each.profile, inputs: [] },
});

const returning = (isa: InstructionTable): SampledInstruction =>
  withoutInputs(written(isa, 'jalr', { rd: 0, rs1: ra, simm: 0 }));

const leavingAlone = (body: Piece, registers: readonly number[]): Piece =>
  body.filter(({ fields }) => !registers.includes(fields['rd'] ?? fields['rdc'] ?? 0));

const lengthOf = (piece: Piece): number => piece.reduce((sum, { row }) => sum + row.encoding.width / 8, 0);

const constant = (isa: InstructionTable, register: number, value: bigint): Input => ({
  kind: 'constant',
  slot: isa.layout.slots.get(`x${register}`)!,
  value,
});

/** An instruction as the 32 bits that lie in memory; a short one with a c.nop behind it. */
function wordOf(isa: InstructionTable, { row, fields }: SampledInstruction): bigint {
  const bytes = encodeRow(isa, row, fields);
  const word = bytes.reduce((sum, byte, at) => sum | (BigInt(byte) << BigInt(8 * at)), 0n);
  return bytes.length === 2 ? word | (1n << 16n) : word;
}

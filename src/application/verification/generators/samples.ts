import type { InstructionTable } from '../../../domain/isa/instruction-table.ts';
import type { Row } from '../../../domain/isa/instruction.ts';
import { rangeOf, stepOf } from '../../../domain/isa/encoder.ts';
import type { SampledInstruction } from './sampled-instruction.ts';
import { type Input, profileOf, type Profile } from './inputs.ts';
import type { EncodingAims } from './encoding-aims.ts';
import { anyRules, encodeRow, liftRow, randomFields } from './instructions.ts';
import { calls, loop, selfModifying, straight } from './program-shapes.ts';
import type { Random } from './random.ts';

/** Guest code for which states are drawn. */
export interface Sample {
  /** The instruction under test. */
  readonly first: SampledInstruction;
  readonly instructions: readonly SampledInstruction[];
  readonly code: Uint8Array;
  /** The most instructions to execute. */
  readonly steps: number;
  readonly inputs: readonly Input[];
  /** Its states should seldom trap or fault, so that all of it runs. */
  readonly calm: boolean;
  readonly icount: number;
}

const join = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));

/** A single instruction with random fields. */
export function singleInstruction(
  random: Random,
  isa: InstructionTable,
  row: Row,
  aims: EncodingAims,
): Sample | undefined {
  const instruction = sampled(random, isa, row, aims);
  if (!instruction) return undefined;
  const { fields, profile } = instruction;
  return {
    first: instruction,
    instructions: [instruction],
    code: encodeRow(isa, row, fields),
    steps: 1,
    inputs: profile.inputs,
    calm: false,
    icount: profile.readsCounters ? random.below(2 ** 20) : 0,
  };
}

function sampled(
  random: Random,
  isa: InstructionTable,
  row: Row,
  aims?: EncodingAims,
): SampledInstruction | undefined {
  const fields = randomFields(random, isa, row, anyRules, aims);
  if (fields) aims?.met(fields);
  return fields && { row, fields, profile: profileOf(liftRow(isa, row, fields)) };
}

const callProfile: Profile = {
  inputs: [],
  flow: 'system-call',
  readsCounters: false,
  usesMemory: false,
};

/** Rows as blocks use them: those that may stand anywhere in one, and the one that ends it. */
export interface BlockRows {
  readonly inner: readonly Row[];
  readonly end: Row | undefined;
}

/** Sorts the rows by what their IR ends with. */
export function blockRows(isa: InstructionTable, rows: readonly Row[]): BlockRows {
  const lastOp = (row: Row) => {
    const fields = Object.fromEntries(
      row.encoding.fields.map((field) => [field.name, rangeOf(field).highest]),
    );
    return liftRow(isa, row, {
      ...fields,
      ...('rm' in fields ? { rm: 0 } : {}),
      ...('csr' in fields ? { csr: 1 } : {}),
    }).nodes.at(-1)!.op;
  };
  return {
    inner: rows.filter((row) => !['trap', 'syscall'].includes(lastOp(row))),
    end: isa.rows.find((row) => lastOp(row) === 'syscall'),
  };
}

/**
 * A block that begins with `first`: up to `length` instructions, branches within it, and a system call at the end; some with a loop
 * around it, cut into functions, or with code that it writes itself.
 * Memory is reached through registers that the rest leaves alone.
 */
export function block(
  random: Random,
  isa: InstructionTable,
  first: Row,
  { inner, end }: BlockRows,
  length: number,
  aims: EncodingAims,
): Sample | undefined {
  const count = random.chance(50) ? length : 1 + random.below(length);
  const drafts: SampledInstruction[] = [];
  for (let tries = 0; drafts.length < count && tries < count * 20; tries++) {
    const draft =
      drafts.length === 0 ? sampled(random, isa, first, aims) : sampled(random, isa, random.pick(inner));
    if (draft && (drafts.length === 0 || fits(random, draft))) drafts.push(draft);
  }
  if (drafts.length === 0) return undefined;
  const aim = (piece: readonly SampledInstruction[]) =>
    piece.map((draft, at) => aimed(random, isa, draft, at, piece));
  const shaped = random.pick(shapes)({ random, isa, aim, body: drafts });
  const ending = end ? [{ row: end, fields: {}, profile: callProfile }] : [];
  const instructions = [...shaped.instructions, ...ending, ...shaped.functions];
  const inputs = new Map<string, Input>();
  for (const input of instructions.flatMap(({ profile }) => profile.inputs).concat(shaped.constants)) {
    const known = inputs.get(input.slot.name);
    if (!known || input.kind === 'address' || input.kind === 'constant') inputs.set(input.slot.name, input);
  }
  const all = 4 * instructions.length;
  return {
    first: drafts[0]!,
    instructions,
    code: join(instructions.map(({ row, fields }) => encodeRow(isa, row, fields))),
    steps: random.chance(85) ? all : 1 + random.below(all),
    inputs: [...inputs.values()],
    calm: true,
    icount: instructions.some(({ profile }) => profile.readsCounters) ? random.below(2 ** 20) : 0,
  };
}

/** Most code is straight, with whatever branches it has. */
const shapes = [straight, straight, straight, loop, calls, selfModifying] as const;

/** Base registers of memory accesses in blocks: the stack pointer, and two that compressed encodings have too. */
const pointers = [2, 8, 9];

function fits(random: Random, { fields, profile }: SampledInstruction): boolean {
  if (profile.flow === 'indirect') return random.chance(2);
  if (fields['rm'] === 5 || fields['rm'] === 6) return random.chance(5);
  const base = profile.inputs.find(({ kind }) => kind === 'address');
  if (base && !pointers.some((n) => base.slot.name === `x${n}`)) return random.chance(3);
  return !pointers.includes(fields['rd'] ?? fields['rdc'] ?? 0) || random.chance(3);
}

/** Points a direct jump or branch at an instruction of the block. */
function aimed(
  random: Random,
  isa: InstructionTable,
  draft: SampledInstruction,
  at: number,
  drafts: readonly SampledInstruction[],
): SampledInstruction {
  const field = draft.row.encoding.fields.find(({ name }) => name.startsWith('simm'));
  if (draft.profile.flow !== 'direct' || !field) return draft;
  const to = random.chance(80) ? at + 1 + random.below(drafts.length - at) : random.below(at + 1);
  const lengths = drafts.map(({ row }) => row.encoding.width / 8);
  const distance = lengths.slice(0, to).reduce(sum, 0) - lengths.slice(0, at).reduce(sum, 0);
  const { lowest, highest } = rangeOf(field);
  if (distance < lowest || distance > highest || distance % stepOf(field) !== 0) return draft;
  const fields = { ...draft.fields, [field.name]: distance };
  return isa.encode(draft.row.name, fields).ok ? { ...draft, fields } : draft;
}

const sum = (a: number, b: number): number => a + b;

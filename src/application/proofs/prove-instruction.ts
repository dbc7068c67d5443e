import { BlockBuilder } from '../../domain/ir/builder.ts';
import type { IrBlock } from '../../domain/ir/node.ts';
import { optimise } from '../../domain/ir/optimiser/optimise.ts';
import { isFloat } from '../../domain/ir/types.ts';
import { bytesOf, rangeOf, stepOf } from '../../domain/isa/encoder.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { BitField, Fields } from '../../domain/isa/pattern.ts';
import { codeAddress } from '../verification/world.ts';
import type { BlockProofParts, ProofEffort } from './prove-block.ts';
import { type ProofOutcome, proveEquivalence } from './prove-equivalence.ts';
import type { Proof } from './proofs.ts';
import { refutationCase } from './refutation-case.ts';

/** Encodings that are tried one by one, at most: all of a compressed form with some 12 bits of fields. */
const mostEncodings = 4096;

/**
 * Proves an instruction's two definitions equal, for all inputs, encoding by encoding: what the word of a compressed form decodes to,
 * against what the word of the full form does, with the length of the short one; what a full form decodes to, against what the
 * optimiser makes of it. The encodings are all legal ones where they are few, else those of the corners of each field.
 */
export async function proveInstruction(
  isa: InstructionTable,
  row: Row,
  effort: ProofEffort,
  parts: BlockProofParts,
): Promise<Proof> {
  const started = performance.now();
  let float = false;
  let tried = 0;
  let last: Proof | undefined;
  for (const fields of encodingsOf(isa, row)) {
    tried++;
    const encoded = isa.encode(row.name, fields);
    if (!encoded.ok) continue;
    const code = bytesOf(encoded.value);
    const decoded = isa.decode(code);
    if (typeof decoded === 'string') continue;
    const block = liftedWith(isa, decoded.length, (ir) => {
      decoded.lift(ir);
    });
    float ||= block.nodes.some(({ type }) => type !== 'void' && isFloat(type));
    const outcome = await proveEquivalence(
      block,
      otherDefinition(isa, row, fields, decoded.length) ?? optimise(block),
      effort.solver,
      effort.timeoutMs,
    );
    last = proofOf(outcome, () => refutationCase(isa, parts.reference, code, 1, refutingInput(outcome)));
    if (outcome.kind !== 'proved') {
      last = { ...last, listing: [isa.disassemble(decoded, codeAddress)] };
      break;
    }
  }
  const what = row.expand ? 'as the full form' : 'optimised';
  return {
    ...(last ?? { ...proofOf({ kind: 'unknown', reason: 'it has no legal encoding' }, () => '') }),
    claim: `${row.name} ${what}, ${tried} encodings`,
    float,
    milliseconds: performance.now() - started,
  };
}

function refutingInput(outcome: ProofOutcome) {
  if (outcome.kind !== 'refuted') throw new TypeError('nothing was refuted');
  return outcome.input;
}

const proofOf = (outcome: ProofOutcome, line: () => string): Proof => ({
  claim: '',
  subject: 'instruction',
  status: outcome.kind,
  by: outcome.kind === 'proved' ? outcome.by : outcome.kind === 'unknown' ? outcome.reason : undefined,
  recalled: false,
  float: false,
  listing: [],
  case: outcome.kind === 'refuted' ? line() : undefined,
  differences: outcome.kind === 'refuted' ? outcome.differences : [],
  milliseconds: 0,
});

function liftedWith(isa: InstructionTable, length: number, lift: (ir: BlockBuilder) => void): IrBlock {
  const ir = new BlockBuilder(isa.layout);
  ir.instruction(length);
  lift(ir);
  return ir.finish();
}

/** What the full form's word decodes to; undefined for a row that abbreviates nothing. */
function otherDefinition(
  isa: InstructionTable,
  row: Row,
  fields: Fields,
  length: number,
): IrBlock | undefined {
  if (!row.expand) return undefined;
  const [name, full] = row.expand(fields);
  const encoded = isa.encode(name, full);
  const decoded = encoded.ok ? isa.decode(bytesOf(encoded.value)) : 'illegal';
  if (typeof decoded === 'string')
    throw new TypeError(`${row.name} abbreviates ${name} with fields that it cannot have`);
  return liftedWith(isa, length, (ir) => {
    decoded.lift(ir);
  });
}

/** Every combination of field values, or of the corners of each field, that the row's encoding takes. */
function* encodingsOf(isa: InstructionTable, { name, encoding }: Row): Generator<Fields> {
  const all = encoding.fields.reduce((product, field) => product * everyValue(field).length, 1);
  const choices = encoding.fields.map((field) => ({
    field,
    values: all <= mostEncodings ? everyValue(field) : corners(field),
  }));
  const count = choices.reduce((product, { values }) => product * values.length, 1);
  for (let index = 0; index < count; index++) {
    let rest = index;
    const fields: Record<string, number> = {};
    for (const { field, values } of choices) {
      fields[field.name] = values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
    }
    if (isa.encode(name, fields).ok) yield fields;
  }
}

function everyValue(field: BitField): readonly number[] {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  const count = Math.floor((highest - lowest) / step) + 1;
  return count > mostEncodings
    ? new Array<number>(count).fill(lowest)
    : Array.from({ length: count }, (_, at) => lowest + at * step);
}

/** Registers alias where their corners meet. */
function corners(field: BitField): readonly number[] {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  return [...new Set([lowest, highest, 0, step, 8, highest - step])].filter(
    (value) => value >= lowest && value <= highest && (value - lowest) % step === 0,
  );
}

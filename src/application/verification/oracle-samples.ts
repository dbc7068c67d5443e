import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import { rangeOf } from '../../domain/isa/encoder.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { Fields } from '../../domain/isa/pattern.ts';
import type { EncodingClass } from '../../domain/isa/riscv64/encoding-classes.ts';
import type { Oracle } from '../ports/oracle.ts';
import { type Flow, profileOf, type Profile } from './generators/inputs.ts';
import type { EncodingAims } from './generators/encoding-aims.ts';
import { encodeRow, type FieldRules, liftRow, randomFields } from './generators/instructions.ts';
import { Random } from './generators/random.ts';
import type { Sample } from './generators/samples.ts';
import type { Aims } from './generators/states.ts';
import type { ExtendedIsa } from './subjects.ts';

/** Single instructions that an oracle can be asked about: it sees one window of memory and one jump. */

/** CSRs that user mode has (the counters with values of their own), and some that it has not. */
const csrs = [1, 2, 3, 1, 2, 3, 1, 2, 3, 0xc00, 0xc01, 0xc02, 0x000, 0x004, 0x300, 0x7c0, 0xc83, 0xfff];
/** Those of other modes, by the bits that say the least privilege (priv 2.1). */
const isPrivileged = (csr: number): boolean => ((csr >> 8) & 3) !== 0;

export const oracleAims = (oracle: Oracle): Aims => ({
  pc: oracle.codeAddress,
  address(random, _, aligned) {
    const offset = 8 + 8 * random.below(oracle.memorySize / 8 - 3);
    const exact = aligned ? !random.chance(10) : random.chance(30);
    return oracle.memoryAddress + BigInt(offset + (exact ? 0 : random.below(8)));
  },
  target: (random) =>
    oracle.codeAddress + BigInt((oracle.jumpDistance ?? 2 * random.below(64)) + (random.chance(15) ? 1 : 0)),
  reserves: false,
});

/** How a row leaves an instruction whose base is not x0. */
function flowOf(isa: InstructionTable, row: Row): Flow {
  const lowest = Object.fromEntries(row.encoding.fields.map((field) => [field.name, rangeOf(field).lowest]));
  return profileOf(liftRow(isa, row, { ...lowest, ...('rs1' in lowest ? { rs1: 1 } : {}) })).flow;
}

/** The rows that the oracle cannot be asked about: what it lacks, and calls of its environment where it does not show them. */
export function unaskable(isa: ExtendedIsa, oracle: Oracle): readonly Row[] {
  const unknown = oracle.lacks.flatMap((extension) => isa.extensions.get(extension) ?? []);
  return isa.rows.filter(
    (row) => unknown.includes(row) || (!oracle.showsCalls && flowOf(isa, row) === 'system-call'),
  );
}

function rulesOf(isa: InstructionTable, row: Row, oracle: Oracle): FieldRules & { readonly flow: Flow } {
  const flow = flowOf(isa, row);
  const distance = row.encoding.fields.find(({ name }) => name.startsWith('simm'))?.name;
  return {
    flow,
    reservedRegisters: oracle.reservedSlots.map((slot) => Number(slot.slice(1))),
    csrs,
    mayName: isPrivileged,
    fixed:
      flow === 'direct' && distance !== undefined && oracle.jumpDistance !== undefined
        ? { [distance]: oracle.jumpDistance }
        : {},
  };
}

/** More than classes of encodings can be aimed at in vain: many cannot be asked about. */
const maxTries = 1000;

export function oracleSample(
  random: Random,
  isa: InstructionTable,
  row: Row,
  oracle: Oracle,
  aims: EncodingAims,
): Sample | undefined {
  const rules = rulesOf(isa, row, oracle);
  for (let tries = 0; tries < maxTries; tries++) {
    const fields = randomFields(random, isa, row, rules, aims);
    if (!fields) return undefined;
    const profile = profileOf(liftRow(isa, row, fields));
    if (!canBeSeen(fields, profile, rules.flow, oracle)) continue;
    aims.met(fields);
    const first = { row, fields, profile };
    return {
      first,
      instructions: [first],
      code: encodeRow(isa, row, fields),
      steps: 1,
      inputs: profile.inputs,
      calm: false,
      icount: 0,
    };
  }
  return undefined;
}

/** Control goes where it can be seen, and memory is reached where the oracle has some, or from x0 where it has none. */
const canBeSeen = (fields: Fields, profile: Profile, flow: Flow, { jumpDistance }: Oracle): boolean =>
  (profile.flow === flow || jumpDistance === undefined) &&
  (!profile.usesMemory || fields['rs1'] === 0 || profile.inputs.some(({ kind }) => kind === 'address'));

/** Whether an encoding of that class can be asked about. */
export function reaches(
  isa: InstructionTable,
  row: Row,
  oracle: Oracle,
  { examples }: Pick<EncodingClass, 'examples'>,
): boolean {
  const rules = rulesOf(isa, row, oracle);
  const random = new Random(row.name);
  return examples.some((example) => {
    const clashes = Object.entries(rules.fixed).some(([name, value]) => (example[name] ?? value) !== value);
    const { csr } = example;
    if (clashes || (csr !== undefined && !csrs.includes(csr) && !isPrivileged(csr))) return false;
    const fields = randomFields(random, isa, row, { ...rules, fixed: { ...example, ...rules.fixed } });
    return (
      fields !== undefined && canBeSeen(fields, profileOf(liftRow(isa, row, fields)), rules.flow, oracle)
    );
  });
}

/** Where an instruction puts what it reads from a counter. */
export function counterSlots(isa: InstructionTable, code: Uint8Array): readonly string[] {
  const decoded = isa.decode(code);
  const row = typeof decoded === 'string' ? undefined : isa.row(decoded.name);
  if (typeof decoded === 'string' || !row || !decoded.fields['rd']) return [];
  return profileOf(liftRow(isa, row, decoded.fields)).readsCounters ? [`x${decoded.fields['rd']}`] : [];
}

import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import { rangeOf } from '../../domain/isa/encoder.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { Oracle } from '../ports/oracle.ts';
import { type Flow, profileOf } from './generators/inputs.ts';
import { encodeRow, type FieldRules, liftRow, randomFields } from './generators/instructions.ts';
import type { Random } from './generators/random.ts';
import type { Sample } from './generators/samples.ts';
import type { Aims } from './generators/states.ts';

/** Single instructions that an oracle can be asked about: it sees one window of memory and one jump. */

/** CSRs that mean the same to us and an oracle (the counters do not), and some that do not exist. */
const csrs = [0x001, 0x002, 0x003, 0x001, 0x002, 0x003, 0x000, 0x004, 0x300, 0x7c0, 0xc83, 0xfff];

export const oracleAims = (oracle: Oracle): Aims => ({
  pc: oracle.codeAddress,
  address(random, _, aligned) {
    const offset = 8 + 8 * random.below(oracle.memorySize / 8 - 3);
    const exact = aligned ? !random.chance(10) : random.chance(30);
    return oracle.memoryAddress + BigInt(offset + (exact ? 0 : random.below(8)));
  },
  target: (random) => oracle.codeAddress + BigInt(oracle.jumpDistance + (random.chance(15) ? 1 : 0)),
  reserves: false,
});

/** How a row leaves an instruction whose base is not x0. */
function flowOf(isa: InstructionTable, row: Row): Flow {
  const lowest = Object.fromEntries(row.encoding.fields.map((field) => [field.name, rangeOf(field).lowest]));
  return profileOf(liftRow(isa, row, { ...lowest, ...('rs1' in lowest ? { rs1: 1 } : {}) })).flow;
}

/** Whether a row can be asked about at all: a system call would call the oracle's operating system. */
export const askable = (isa: InstructionTable, row: Row): boolean => flowOf(isa, row) !== 'system-call';

export function oracleSample(
  random: Random,
  isa: InstructionTable,
  row: Row,
  oracle: Oracle,
): Sample | undefined {
  const flow = flowOf(isa, row);
  const distance = row.encoding.fields.find(({ name }) => name.startsWith('simm'))?.name;
  const rules: FieldRules = {
    reservedRegisters: oracle.reservedSlots.map((slot) => Number(slot.slice(1))),
    csrs,
    fixed: flow === 'direct' && distance !== undefined ? { [distance]: oracle.jumpDistance } : {},
  };
  for (let tries = 0; tries < 50; tries++) {
    const fields = randomFields(random, isa, row, rules);
    if (!fields) return undefined;
    const profile = profileOf(liftRow(isa, row, fields));
    const aimed = profile.inputs.some(({ kind }) => kind === 'address');
    if (profile.flow !== flow || (profile.usesMemory && !aimed)) continue;
    return {
      instructions: [{ row, fields, profile }],
      code: encodeRow(isa, row, fields),
      steps: 1,
      inputs: profile.inputs,
      calm: false,
      icount: 0,
    };
  }
  return undefined;
}

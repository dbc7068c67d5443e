import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import { guestBlock } from '../proofs/guest-block.ts';
import type { ExecutedBlock } from '../proofs/executed-subject.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { EngineTrial, type EngineTrialParts } from './engine-trial.ts';
import { profileOf } from './generators/inputs.ts';
import { liftRow } from './generators/instructions.ts';
import type { Random } from './generators/random.ts';
import type { SampledInstruction } from './generators/sampled-instruction.ts';
import type { Sample } from './generators/samples.ts';
import { StateSource } from './generators/states.ts';
import type { Named, Relation, RowResult } from './relation.ts';

/** A block that a program executes, with the code to be tried. */
export interface BlockUnit extends Named {
  readonly sample: Sample;
}

/** The blocks by address; those that have one address in common, as code that was written over has, are numbered. */
export function blockUnits(isa: InstructionTable, blocks: readonly ExecutedBlock[]): readonly BlockUnit[] {
  const times = new Map<bigint, number>();
  return blocks.flatMap(({ address, code }) => {
    const sample = sampleOf(isa, code, address);
    if (!sample) return [];
    const before = times.get(address) ?? 0;
    times.set(address, before + 1);
    return [{ name: `0x${address.toString(16)}${before === 0 ? '' : `#${before + 1}`}`, sample }];
  });
}

function sampleOf(isa: InstructionTable, bytes: Uint8Array, address: bigint): Sample | undefined {
  const block = guestBlock(isa, bytes, address);
  if (!block) return undefined;
  const instructions: SampledInstruction[] = [];
  for (let at = 0; at < block.code.length;) {
    const decoded = isa.decode(block.code, at);
    if (typeof decoded === 'string') break;
    const row = isa.row(decoded.name)!;
    instructions.push({ row, fields: decoded.fields, profile: profileOf(liftRow(isa, row, decoded.fields)) });
    at += decoded.length;
  }
  const profile = profileOf(block.raw);
  return {
    first: { ...instructions[0]!, profile },
    instructions,
    code: block.code,
    steps: instructions.length,
    inputs: profile.inputs,
    calm: true,
    icount: 0,
  };
}

/** Engines do what the reference engine does, on the blocks of a program from any state. */
export class BlockRelation implements Relation<BlockUnit> {
  readonly #isa: InstructionTable;
  readonly #trial: EngineTrial;

  constructor(parts: EngineTrialParts) {
    this.#isa = parts.isa;
    this.#trial = new EngineTrial(parts);
  }

  verify({ name, sample }: BlockUnit, random: Random, cases: number, coverage: CoverageCounter): RowResult {
    const source = new StateSource(this.#isa.layout, random);
    return { knownDifferences: 0, ...this.#trial.run(name, sample, source, cases, coverage) };
  }
}

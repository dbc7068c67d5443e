import type { Coverage } from '../../domain/campaign/coverage.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { ExecutedSubject } from '../proofs/executed-subject.ts';
import { BlockRelation, type BlockUnit, blockUnits } from './block-relation.ts';
import { enginesUnderTest, prepareRelation } from './prepare-relation.ts';
import type { Named, Relation } from './relation.ts';
import { rowsOf } from './subjects.ts';
import { type MissingClasses, missingClasses } from './untried.ts';
import type { VerifyRequest } from './verification.ts';
import { VerificationError } from './verification-error.ts';
import type { VerificationParts } from './verification-parts.ts';

/** A campaign that can be run: what it tries, and how. */
export interface PreparedCampaign<Unit extends Named> {
  /** What was asked for, in words. */
  readonly subjects: readonly string[];
  readonly units: readonly Unit[];
  readonly tested: readonly string[];
  readonly reference: string;
  /** Instructions that the oracle cannot be asked about. */
  readonly notAsked: readonly string[];
  missing(coverage: Coverage): MissingClasses;
  /** Begins with fresh machines, so that no shard depends on what another one left. */
  begin(): Relation<Unit>;
}

/** Instruction sets, extensions and instructions. */
export async function prepareInstructions(
  request: VerifyRequest,
  parts: VerificationParts,
): Promise<PreparedCampaign<Row>> {
  const { isa } = parts;
  const asked = rowsOf(isa, request.subjects ?? []);
  const { begin, tested, reference, notAsked, reaches } = await prepareRelation(request, parts);
  const units = asked.filter(({ name }) => !notAsked.includes(name));
  if (units.length === 0)
    throw new VerificationError(
      'unknown-subject',
      `${reference} knows none of ${asked.map(({ name }) => name).join(', ')}: choose other instructions or another reference`,
      { reference },
    );
  return {
    subjects: request.subjects?.length ? request.subjects : [isa.name],
    units,
    tested,
    reference,
    notAsked: asked.filter(({ name }) => notAsked.includes(name)).map(({ name }) => name),
    missing: (coverage) => missingClasses(units, coverage, reaches),
    begin: () => begin(units),
  };
}

/** The blocks that a program executes. */
export async function prepareBlocks(
  executed: ExecutedSubject,
  request: VerifyRequest,
  parts: VerificationParts,
): Promise<PreparedCampaign<BlockUnit>> {
  const { isa, hash } = parts;
  const wrong = (what: string): VerificationError => new VerificationError('invalid-campaign', what);
  const { relation = 'engine', blockLength = 1 } = request;
  if (request.subjects?.length) throw wrong('the subject is a program or instructions, not both');
  if (relation !== 'engine' && relation !== 'optimised')
    throw wrong(`blocks of a program are for the relations engine and optimised, not for ${relation}`);
  if (blockLength !== 1) throw wrong('blocks of a program are as long as they are; leave the length out');
  if (request.distribute === true) throw wrong('blocks of a program are verified where the program runs');
  const { tested, reference } = enginesUnderTest(relation, request, parts);
  const { signal, onProgress } = request;
  const units = blockUnits(
    isa,
    await parts.executed(executed, {
      signal,
      onProgress: ({ done }) => onProgress?.({ cases: 0, total: 0, counterexamples: 0, executing: done }),
    }),
  );
  signal?.throwIfAborted();
  if (units.length === 0)
    throw new VerificationError('unknown-subject', 'the program executed no block that could be tried');
  return {
    subjects: [
      executed.kind === 'recording'
        ? `recording ${executed.recording}`
        : `program ${executed.programPath} ${hash(executed.program)}`,
    ],
    units,
    tested: [...tested.keys()],
    reference: reference.name,
    notAsked: [],
    missing: () => ({ untried: [], unreachable: [] }),
    begin: () => new BlockRelation({ isa, reference, tested }),
  };
}

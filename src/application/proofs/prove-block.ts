import { optimise } from '../../domain/ir/optimiser/optimise.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import type { Solver } from '../ports/solver.ts';
import { BlockRecord, type BlockRecordParts } from './block-record.ts';
import { guestBlock } from './guest-block.ts';
import { type Proof, ProofError, type ProofSubject } from './proofs.ts';
import { proveEquivalence } from './prove-equivalence.ts';
import { refutationCase } from './refutation-case.ts';

export interface BlockProofParts extends BlockRecordParts {
  readonly isa: InstructionSet;
  readonly reference: ExecutionEngine;
}

export interface ProofEffort {
  readonly solver: Solver;
  readonly timeoutMs: number;
  readonly again: boolean;
}

/**
 * Proves that a block, optimised, means what it says, for all inputs. What is proved or refuted is recorded under the block's
 * content, and told from there the next time. Throws `invalid-code` where no instruction lies.
 */
export async function proveBlock(
  subject: ProofSubject['kind'],
  code: Uint8Array,
  address: bigint,
  { solver, timeoutMs, again }: ProofEffort,
  parts: BlockProofParts,
): Promise<Proof> {
  const { isa, reference } = parts;
  const block = guestBlock(isa, code, address);
  if (!block)
    throw new ProofError(
      'invalid-code',
      `no instruction lies at 0x${address.toString(16)}: give other code`,
      {
        address: `0x${address.toString(16)}`,
      },
    );
  const started = performance.now();
  const optimised = optimise(block.raw);
  const record = await BlockRecord.open(isa.name, block, optimised, parts);
  const proof = (status: Proof['status'], rest: Partial<Proof> = {}): Proof => ({
    claim: `block 0x${address.toString(16)}`,
    subject,
    status,
    by: undefined,
    recalled: false,
    float: block.float,
    listing: block.listing,
    case: undefined,
    differences: [],
    milliseconds: performance.now() - started,
    ...rest,
  });
  const { verdict } = record;
  if (verdict.kind === 'proved' && !again) return proof('proved', { by: verdict.solver, recalled: true });
  const outcome = await proveEquivalence(block.raw, optimised, solver, timeoutMs);
  if (outcome.kind === 'proved') {
    if (verdict.kind !== 'refuted') await record.proved(outcome.by);
    return proof('proved', { by: outcome.by });
  }
  if (outcome.kind !== 'refuted')
    return proof(outcome.kind, outcome.kind === 'unknown' ? { by: outcome.reason } : {});
  const line = refutationCase(isa, reference, block.code, block.listing.length, outcome.input);
  await record.refuted(line);
  return proof('refuted', { case: line, differences: outcome.differences });
}

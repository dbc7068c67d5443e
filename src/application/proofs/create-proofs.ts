import { rules } from '../../domain/ir/optimiser/rules.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Solver } from '../ports/solver.ts';
import { executedBlocks, type TracingParts } from './executed-blocks.ts';
import { proveBlock, type ProofEffort } from './prove-block.ts';
import { proveInstruction } from './prove-instruction.ts';
import { proveRule } from './prove-rule.ts';
import {
  defaultProofTime,
  type Proof,
  ProofError,
  type Proofs,
  type ProofSubject,
  type ProveRequest,
  type ProveResult,
} from './proofs.ts';
import type { BlockProofParts } from './prove-block.ts';

export interface ProofParts extends BlockProofParts, TracingParts {
  readonly isa: InstructionTable;
  /** The solver is looked for when it is needed: the one of that name, or the fastest. */
  readonly openSolver: (wanted?: string) => Promise<Solver>;
  readonly newId: () => string;
}

/** The proof use cases. */
export const createProofs = (parts: ProofParts): Proofs => ({
  rules: rules.map(({ name }) => name),
  instructions: parts.isa.rows.map(({ name }) => name),
  prove: (request) => prove(request, parts),
});

async function prove(request: ProveRequest, parts: ProofParts): Promise<ProveResult> {
  const { subjects, timeoutMs = defaultProofTime, again = false, signal, onProgress } = request;
  for (const subject of subjects) check(subject, parts);
  const solver = await parts.openSolver(request.solver);
  const proofs: Proof[] = [];
  const note = (proof: Proof, total?: number): boolean => {
    proofs.push(proof);
    onProgress?.({ what: 'proving', done: proofs.length, total });
    return signal?.aborted !== true;
  };
  try {
    for (const subject of subjects) {
      const complete = await proveSubject(subject, { solver, timeoutMs, again }, request, parts, note);
      if (!complete) return { solver: solver.name, proofs, complete: false };
    }
    return { solver: solver.name, proofs, complete: true };
  } finally {
    await solver.close();
  }
}

function check(subject: ProofSubject, { isa }: ProofParts): void {
  if (subject.kind !== 'rule' && subject.kind !== 'instruction') return;
  const { kind, name } = subject;
  const known =
    kind === 'rule' ? name === 'rules' || rules.some((rule) => rule.name === name) : isa.row(name);
  if (!known)
    throw new ProofError(
      'unknown-subject',
      `there is no ${kind} named ${JSON.stringify(name)}: docs/reference/optimiser-rules.md lists the rules`,
      { subject: name },
    );
}

type Note = (proof: Proof, total?: number) => boolean;

/** False when it was aborted. */
async function proveSubject(
  subject: ProofSubject,
  effort: ProofEffort,
  { signal, onProgress }: ProveRequest,
  parts: ProofParts,
  note: Note,
): Promise<boolean> {
  switch (subject.kind) {
    case 'rule': {
      const chosen = rules.filter(({ name }) => subject.name === 'rules' || name === subject.name);
      for (const rule of chosen)
        for await (const proof of proveRule(rule, effort)) if (!note(proof)) return false;
      return true;
    }
    case 'instruction': {
      const row = parts.isa.row(subject.name)!;
      return note(await proveInstruction(parts.isa, row, effort, parts));
    }
    case 'code':
      return note(await proveBlock('code', subject.code, subject.address, effort, parts));
    default: {
      const blocks = await executedBlocks(subject, parts, { signal, onProgress });
      if (signal?.aborted === true) return false;
      if (blocks.length === 0 && subject.at !== undefined)
        throw new ProofError(
          'unknown-subject',
          `no block that was executed begins at 0x${subject.at.toString(16)}; leave --at out to see which do`,
        );
      for (const { address, code } of blocks)
        if (!note(await proveBlock(subject.kind, code, address, effort, parts), blocks.length)) return false;
      return true;
    }
  }
}

import { basename, resolve } from 'node:path';
import type { ProofSubject, ProveResult } from '../../../application/proofs/proofs.ts';
import { command, type Invocation } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { readWhole } from '../files.ts';
import { toJson } from '../json.ts';
import { choice, count, flag, parseAddress, repeated, single, text } from '../option-values.ts';
import { CountLine } from '../progress.ts';
import { jsonOption, storeOption } from '../shared-options.ts';
import { UsageError } from '../usage-error.ts';

const options = {
  code: text('CODE', 'a block: bytes in memory order, or assembly in quotes with ; between instructions'),
  program: text('FILE', 'run a program and prove every block that it executes', { complete: 'file' }),
  argument: repeated('WORD', 'an argument for the program (repeatable)', (word) => word),
  'max-instructions': count('N', 'run at most N instructions of the program'),
  recording: text('NAME', 'replay a recording and prove every block that it executes', {
    complete: 'recording',
  }),
  at: single('ADDR', 'only the block that begins at this address; where --code lies', parseAddress),
  solver: choice('SOLVER', ['z3', 'cvc5', 'wasm'], 'the solver to ask', {
    fallback: 'the first that is installed',
  }),
  timeout: count('SECONDS', 'time for each proof', { fallback: '10' }),
  again: flag('prove again what an earlier run has proved'),
  all: flag('list every claim, not only those that are not proved'),
  ...jsonOption,
  ...storeOption,
} as const;

export const prove = command({
  name: 'prove',
  summary: 'prove that optimiser rules, instructions or blocks keep their meaning, for all inputs',
  operands: [
    {
      name: 'SUBJECT',
      summary:
        'a rule of the optimiser such as add-chain, rules for all of them, or an instruction such as c.lw',
      required: false,
      repeated: true,
    },
  ],
  options,
  description: [
    'Asks an SMT solver (z3 or cvc5 where one is installed, else Z3 in WebAssembly) for an input that refutes the claim; there is none: that is the proof. A rule: its two sides are equal at every type. A compressed instruction: its word decodes to what the full form’s word means; any other instruction, and a block: optimised, it means what it says, registers, memory, exits and faults.',
    'Float operations are taken for any functions of their operands, and so are products and quotients at first: what is proved then holds of the real ones too. Proved, refuted, unknown and out of time are never mixed. A refuting input counts only when the golden evaluator confirms it, and is printed as a case that verify --case runs on every engine.',
    'With --program or --recording the program runs on the reference engine (slow) to see which blocks it executes. What is proved is recorded under the content of the block, and holds for every program that contains it, until the block’s meaning or its optimised form changes.',
  ],
  exitStatuses: [
    ['0', 'every claim is proved'],
    ['1', 'a claim is refuted, or some are neither proved nor refuted; the report names them'],
  ],
  examples: [
    { command: 'isochron prove add-chain mul-power-of-two', says: 'two rules' },
    { command: 'isochron prove c.addi c.lw sub', says: 'definitions of instructions' },
    { command: "isochron prove --code 'slli a0, a0, 32; srli a0, a0, 32'", says: 'a block' },
    { command: 'isochron prove --program hello', says: 'every block that a program executes' },
    { command: 'isochron prove --recording first --at 0x10430', says: 'one block of a recording' },
  ],
  async run(invocation) {
    const { options: given, operands, terminal, open } = invocation;
    if (given.timeout === 0) throw new UsageError('--timeout: 0 is too little', 'give a number of seconds');
    const { proofs } = await open();
    const subjects = await subjectsOf(invocation, proofs.instructions);
    if (subjects.length === 0)
      throw new UsageError(
        'nothing to prove',
        'name a rule or an instruction, or give --code, --program or --recording',
      );
    const progress = {
      executing: new CountLine(terminal, 'executing', 'instructions'),
      proving: new CountLine(terminal, 'proving', 'claims'),
    };
    const result = await proofs.prove({
      subjects,
      timeoutMs: given.timeout === undefined ? undefined : given.timeout * 1000,
      solver: given.solver,
      again: given.again,
      signal: terminal.interruption,
      onProgress: ({ what, done, total }) => {
        progress[what].show(done, total);
      },
    });
    progress.proving.clear();
    const { proofText } = await import('../verification/proof-text.ts');
    terminal.write(
      'stdout',
      given.json ? toJson(result) : proofText(result, given.all || operands.length > 0),
    );
    if (terminal.interruption.aborted) return exitStatus.interrupted;
    return isProved(result) ? exitStatus.success : exitStatus.different;
  },
});

const isProved = ({ proofs }: ProveResult): boolean => proofs.every(({ status }) => status === 'proved');

async function subjectsOf(
  { options: given, operands, terminal }: Invocation<typeof options>,
  instructions: readonly string[],
): Promise<readonly ProofSubject[]> {
  const at = given.at;
  const subjects: ProofSubject[] = operands.map((name) => ({
    kind: instructions.includes(name) ? 'instruction' : 'rule',
    name,
  }));
  if (given.code !== undefined) {
    const { codeOfWords } = await import('../guest-code.ts');
    const address = at ?? 0x10000n;
    subjects.push({ kind: 'code', code: codeOfWords([given.code], address), address });
  }
  if (given.program === undefined && (given.argument.length > 0 || given['max-instructions'] !== undefined))
    throw new UsageError('--argument and --max-instructions are for a program', 'give --program FILE');
  if (given.program !== undefined)
    subjects.push({
      kind: 'program',
      program: readWhole(resolve(terminal.workingDirectory, given.program)),
      programPath: `/bin/${basename(given.program)}`,
      arguments: given.argument,
      maxInstructions: given['max-instructions'],
      at,
    });
  if (given.recording !== undefined) subjects.push({ kind: 'recording', recording: given.recording, at });
  return subjects;
}

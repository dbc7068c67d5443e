import { basename, resolve } from 'node:path';
import type { ExecutedSubject } from '../../../application/proofs/executed-subject.ts';
import { readWhole } from '../files.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** The options that make the blocks of a program the subject. */
export interface ExecutedOptions {
  readonly program: string | undefined;
  readonly argument: readonly string[];
  readonly recording: string | undefined;
  readonly 'max-instructions': number | undefined;
}

/** The program or recording whose blocks are asked for. */
export function executedBy(
  { program, argument, recording, 'max-instructions': maxInstructions }: ExecutedOptions,
  { workingDirectory }: Terminal,
): ExecutedSubject | undefined {
  if (program !== undefined && recording !== undefined)
    throw new UsageError('--program and --recording exclude each other', 'give one of them');
  if (program === undefined && (argument.length > 0 || maxInstructions !== undefined))
    throw new UsageError('--argument and --max-instructions are for a program', 'give --program FILE');
  if (recording !== undefined) return { kind: 'recording', recording };
  if (program === undefined) return undefined;
  return {
    kind: 'program',
    program: readWhole(resolve(workingDirectory, program)),
    programPath: `/bin/${basename(program)}`,
    arguments: argument,
    maxInstructions,
  };
}

/** The same as words of a command line. */
export const executedWords = (
  { program, argument, recording, 'max-instructions': maxInstructions }: ExecutedOptions,
  { workingDirectory }: Terminal,
): readonly string[] => [
  ...(program === undefined ? [] : ['--program', resolve(workingDirectory, program)]),
  ...argument.flatMap((word) => ['--argument', word]),
  ...(maxInstructions === undefined ? [] : ['--max-instructions', String(maxInstructions)]),
  ...(recording === undefined ? [] : ['--recording', recording]),
];

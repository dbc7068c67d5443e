import type { TravelSession } from '../../application/travel/travel.ts';
import { countOfInstant, instantAddress, parseInstant } from '../../application/travel/instant.ts';
import { parseCount } from './option-values.ts';
import { UsageError } from './usage-error.ts';

/** Instants on the command line: an instruction count in any notation, or `recording/branch/icount`. */

/** An option's value: a count, or an instant, of which it is checked later that it belongs to the recording. */
export const parseInstantWord = (word: string): string => {
  if (word.includes('/')) parseInstant(word);
  else parseCount(word);
  return word;
};

export const instantIn = (word: string, recording: string): number =>
  word.includes('/') ? countOfInstant(word, recording) : parseCount(word);

/** The operand of commands that take a recording or an instant. */
export const historyOrInstant = {
  name: 'RECORDING',
  summary: 'the recording’s name, a branch as RECORDING/BRANCH, or an instant as RECORDING/BRANCH/COUNT',
  required: true,
  complete: 'recording',
} as const;

/** `RECORDING`, `RECORDING/BRANCH` or `RECORDING/BRANCH/COUNT`. */
export function historyAndInstant(word: string): {
  readonly recording: string;
  readonly icount: number | undefined;
} {
  if (word.split('/').length <= 2) return { recording: word, icount: undefined };
  const recording = parseInstant(word).recording!;
  return { recording, icount: countOfInstant(word, recording) };
}

/** `RECORDING COUNT`, `RECORDING INSTANT` or `INSTANT` as operands. */
export function instantOperands([first, second]: readonly string[]): {
  readonly recording: string;
  readonly icount: number;
} {
  const { recording, icount } = historyAndInstant(first!);
  if (second !== undefined) return { recording, icount: instantIn(second, recording) };
  if (icount !== undefined) return { recording, icount };
  throw new UsageError('no instant is given', 'give RECORDING COUNT, or RECORDING/BRANCH/COUNT');
}

export const addressOf = ({ recording }: TravelSession, icount: number): string =>
  instantAddress(recording, icount);

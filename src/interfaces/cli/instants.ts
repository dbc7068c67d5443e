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

/** `RECORDING COUNT`, `RECORDING INSTANT` or `INSTANT` as operands. */
export function instantOperands([first, second]: readonly string[]): {
  readonly recording: string;
  readonly icount: number;
} {
  const written = parseInstant(first!);
  const recording = written.recording ?? first!;
  if (second !== undefined) return { recording, icount: instantIn(second, recording) };
  if (written.recording === undefined)
    throw new UsageError('no instant is given', 'give RECORDING COUNT, or RECORDING/main/COUNT');
  return { recording, icount: countOfInstant(first!, recording) };
}

export const addressOf = ({ recording }: TravelSession, icount: number): string =>
  instantAddress(recording, icount);

import { historyName, mainBranch, parseHistory, sameHistory } from '../recording/history.ts';
import { RecordingError } from '../recording/recording-error.ts';

/** The address of an instant: `recording/branch/icount`. `history`: a recording, or one of its branches. */
export function instantAddress(history: string, icount: number): string {
  const { recording, branch } = parseHistory(history);
  return `${recording}/${branch}/${icount}`;
}

/** An instant as it is written: an instruction count, with or without the history it belongs to. */
export interface WrittenInstant {
  /** The recording, or `recording/branch`. */
  readonly recording: string | undefined;
  readonly icount: string;
}

/** Takes an instant's address apart. Throws `invalid-request` for other notations. */
export function parseInstant(text: string): WrittenInstant {
  const parts = text.split('/');
  if (parts.length === 1 && text !== '') return { recording: undefined, icount: text };
  const [recording, branch, icount] = parts;
  if (parts.length !== 3 || !recording || !branch || !icount)
    throw new RecordingError(
      'invalid-request',
      `${JSON.stringify(text)} is not an instant; give an instruction count, or RECORDING/BRANCH/COUNT (the branch that was recorded is ${mainBranch})`,
    );
  return { recording: historyName(recording, branch), icount };
}

/** The instruction count of an instant of `history`. Throws `invalid-request`. */
export function countOfInstant(text: string, history: string): number {
  const written = parseInstant(text);
  if (written.recording !== undefined && !sameHistory(written.recording, history))
    throw new RecordingError('invalid-request', otherHistory(text, written.recording, history));
  const count = /^\d+$/.test(written.icount) ? Number(written.icount) : NaN;
  if (!Number.isSafeInteger(count))
    throw new RecordingError(
      'invalid-request',
      `${JSON.stringify(written.icount)} is not an instruction count`,
    );
  return count;
}

function otherHistory(instant: string, written: string, expected: string): string {
  const kind = parseHistory(written).recording === parseHistory(expected).recording ? 'branch' : 'recording';
  return `${instant} is an instant of another ${kind} than ${expected}`;
}

import { RecordingError } from '../recording/recording-error.ts';

/** The branch that was recorded. */
export const mainBranch = 'main';

/** The address of an instant: `recording/branch/icount`. */
export const instantAddress = (recording: string, icount: number): string =>
  `${recording}/${mainBranch}/${icount}`;

/** An instant as it is written: an instruction count, with or without the recording and branch it belongs to. */
export interface WrittenInstant {
  readonly recording: string | undefined;
  readonly icount: string;
}

/** Takes an instant's address apart. Throws `invalid-request` for a branch that is not there, and for other notations. */
export function parseInstant(text: string): WrittenInstant {
  const parts = text.split('/');
  if (parts.length === 1 && text !== '') return { recording: undefined, icount: text };
  const [recording, branch, icount] = parts;
  if (parts.length !== 3 || !recording || !icount)
    throw new RecordingError(
      'invalid-request',
      `${JSON.stringify(text)} is not an instant; give an instruction count, or RECORDING/${mainBranch}/COUNT`,
    );
  if (branch !== mainBranch)
    throw new RecordingError(
      'invalid-request',
      `${recording} has no branch ${JSON.stringify(branch)}; the one that was recorded is ${mainBranch}`,
    );
  return { recording, icount };
}

/** The instruction count of an instant of `recording`. Throws `invalid-request`. */
export function countOfInstant(text: string, recording: string): number {
  const written = parseInstant(text);
  if (written.recording !== undefined && written.recording !== recording)
    throw new RecordingError(
      'invalid-request',
      `${text} is an instant of another recording than ${recording}`,
    );
  const count = /^\d+$/.test(written.icount) ? Number(written.icount) : NaN;
  if (!Number.isSafeInteger(count))
    throw new RecordingError(
      'invalid-request',
      `${JSON.stringify(written.icount)} is not an instruction count`,
    );
  return count;
}

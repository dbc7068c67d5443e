import { RecordingError } from './recording-error.ts';

/**
 * A history is a recording or one of its branches, named `recording` or `recording/branch`. The branch that was recorded
 * is `main`: `first` and `first/main` are the same history. Its events are in a stream of their own; those of a branch begin
 * where it departs from its parent.
 */
export const mainBranch = 'main';

export interface HistoryName {
  readonly recording: string;
  readonly branch: string;
}

const machinePrefix = 'machine-';
const branchPrefix = 'branch-';

/** The prefix of the streams of recordings themselves. */
export const recordingPrefix = machinePrefix;

const isName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text);

/** Takes a history's name apart. Throws `invalid-recording-name`. */
export function parseHistory(history: string): HistoryName {
  const [recording = '', branch = mainBranch, ...rest] = history.split('/');
  if (rest.length === 0 && isName(recording) && isName(branch)) return { recording, branch };
  const what = history.includes('/') ? 'a recording or a branch' : 'a recording';
  throw new RecordingError(
    'invalid-recording-name',
    `${JSON.stringify(history)} cannot name ${what}: use 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first`,
    { recording: history },
  );
}

/** The name under which a history is known: the recording's own, or `recording/branch`. */
export const historyName = (recording: string, branch: string): string =>
  branch === mainBranch ? recording : `${recording}/${branch}`;

export const isBranch = (history: string): boolean => parseHistory(history).branch !== mainBranch;

/** Whether two names are of the same history. */
export function sameHistory(a: string, b: string): boolean {
  const [left, right] = [parseHistory(a), parseHistory(b)];
  return left.recording === right.recording && left.branch === right.branch;
}

/** The stream that holds a history's own events. Throws `invalid-recording-name`. */
export function streamOf(history: string): string {
  const { recording, branch } = parseHistory(history);
  return branch === mainBranch ? machinePrefix + recording : `${branchPrefix}${recording}:${branch}`;
}

/** What the streams of a recording's branches begin with. */
export const branchStreams = (recording: string): string => `${branchPrefix}${recording}:`;

/** The history whose own events a stream holds; undefined for any other stream. */
export function historyOf(stream: string): string | undefined {
  if (stream.startsWith(machinePrefix)) return stream.slice(machinePrefix.length);
  // No name of a stream may look like a path.
  return stream.startsWith(branchPrefix) ? stream.slice(branchPrefix.length).replace(':', '/') : undefined;
}

export function unknownRecording(history: string): RecordingError {
  const { recording, branch } = parseHistory(history);
  const message =
    branch === mainBranch
      ? `there is no recording named ${recording}; \`isochron recordings list\` shows what there is`
      : `${recording} has no branch ${JSON.stringify(branch)}; \`isochron branches ${recording}\` shows what there is`;
  return new RecordingError('unknown-recording', message, { recording: history });
}

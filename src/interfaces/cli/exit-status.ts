import type { RunStatus } from '../../application/isochron.ts';

/**
 * What the shell is told. A guest's own exit code (0 to 255) is passed through, so statuses of ours lie where
 * shells and `timeout` put theirs.
 */
export const exitStatus = {
  success: 0,
  /** A check failed: a replay diverged, engines differ, a recording does not verify. */
  different: 1,
  usage: 2,
  /** The guest waits for something that cannot come. */
  deadlock: 123,
  /** `--max-instructions` was reached. */
  instructionLimit: 124,
  /** Isochron could not do its work: no such file, no such recording, damaged store, unsupported program. */
  failure: 125,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
  /** Standard output was closed by its reader. */
  outputClosed: 141,
} as const;

/** The status that `run` gives for a run that ended so. */
export function statusOfRun(status: RunStatus): number {
  switch (status.kind) {
    case 'exited':
      return status.code;
    case 'killed':
      return 128 + status.signal;
    case 'deadlocked':
      return exitStatus.deadlock;
    case 'stopped':
      return status.reason === 'instruction-limit' ? exitStatus.instructionLimit : exitStatus.interrupted;
  }
}

/** Statuses every command shares, as the manual lists them. */
export const commonExitStatuses: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'done'],
  ['2', 'the command line is wrong: unknown option, missing operand, malformed value'],
  ['125', 'isochron could not do its work; one line on standard error says what, where and what to do'],
  ['130', 'stopped by Ctrl-C'],
  ['141', 'whoever read standard output closed it'],
];

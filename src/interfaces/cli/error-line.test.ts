import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { RecordingError } from '../../application/recording/recording-error.ts';
import { StoreFault } from '../../application/ports/store-fault.ts';
import { isDamage, reportError } from './error-line.ts';
import { exitStatus, statusOfRun } from './exit-status.ts';
import { CommandFailure, OutputClosed, UsageError } from './usage-error.ts';

const thrownBy = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('an error as one line', () => {
  test.each([
    [new UsageError('what', 'do this.'), 2, 'isochron: what; do this'],
    [new CommandFailure('x', 'what.', 'where', ''), 125, 'isochron: what; where'],
    [new RecordingError('damaged-recording', 'bad'), 125, 'isochron: bad; see `isochron recordings verify`'],
    [
      new StoreFault('store-locked', 'the store is in use', { file: 'f', process: 3 }),
      125,
      'isochron: the store is in use; file f, process 3; wait for the other process, or use another --store',
    ],
    [new CommandFailure('x', 'two\n  lines', 'where', 'do'), 125, 'isochron: two lines; where; do'],
    ['text', 125, 'isochron: unexpected: text'],
  ])('%s', (error, status, line) => {
    expect(reportError(error)).toEqual({ status, line });
  });

  test('of the system says what could not be done to which file', () => {
    const error = thrownBy(() => readFileSync('/no/such/file'));
    expect(reportError(error).line).toBe('isochron: cannot open /no/such/file; no such file or directory');
  });

  test('that is ours names the place in the program', () => {
    const { line } = reportError(thrownBy(() => (undefined as unknown as { a: string }).a));
    expect(line).toMatch(/^isochron: internal error: .*; at .*error-line\.test\.ts.*; please report it$/);
  });

  test('is not written when nobody reads', () => {
    expect(reportError(new OutputClosed('closed'))).toEqual({ status: 141, line: undefined });
  });

  test('tells damage from other failures', () => {
    expect(isDamage(new StoreFault('blob-missing', 'gone'))).toBe(true);
    expect(isDamage(new RecordingError('damaged-recording', 'bad'))).toBe(true);
    expect(isDamage(new RecordingError('unknown-recording', 'none'))).toBe(false);
    expect(isDamage(new Error('damaged'))).toBe(false);
  });
});

describe('exit statuses', () => {
  test('pass the guest’s own through and keep ours apart', () => {
    expect(statusOfRun({ kind: 'exited', code: 255 })).toBe(255);
    expect(statusOfRun({ kind: 'killed', signal: 9, reason: '' })).toBe(137);
    expect(statusOfRun({ kind: 'deadlocked', reason: '' })).toBe(exitStatus.deadlock);
    expect(statusOfRun({ kind: 'stopped', reason: 'instruction-limit' })).toBe(124);
    expect(statusOfRun({ kind: 'stopped', reason: 'interrupted' })).toBe(130);
  });
});

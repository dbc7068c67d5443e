import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, type Composition } from '../../src/interfaces/cli/cli.ts';
import { paint, wantsColour } from '../../src/interfaces/cli/terminal.ts';
import { OutputClosed } from '../../src/interfaces/cli/usage-error.ts';
import { guest, isochron } from './recording-terminal.ts';

/** Output that nobody reads, interruption, progress and colour. */

let store = '';
beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-output-'));
  expect((await isochron({ store }, 'run', '--record', 'long', guest('compute'), '6000000')).status).toBe(0);
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

const closing = (to: 'stdout' | 'stderr') => (written: 'stdout' | 'stderr') => {
  if (written === to) throw new OutputClosed('closed');
};
const aborted = () => AbortSignal.abort();

describe('output that nobody reads', () => {
  test('stops a run with 141, and the recording is kept', async () => {
    const surroundings = { store, onWrite: closing('stdout') };
    const ran = await isochron(surroundings, 'run', '--record', 'unread', guest('threads'));
    expect(ran).toMatchObject({ status: 141, stderr: '' });
    expect((await isochron({ store }, 'recordings', 'verify', 'unread')).status).toBe(0);
  });

  test.each([
    ['replay', 'unread'],
    ['events', 'long'],
    ['recordings', 'list'],
    ['disasm', guest('compute')],
    ['--help'],
  ])('ends %s quietly with 141', async (...words) => {
    const { status, stderr } = await isochron({ store, onWrite: closing('stdout') }, ...words);
    expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
  });

  test('standard error closed leaves the exit status to say it', async () => {
    const { status } = await isochron({ store, onWrite: closing('stderr') }, 'replay', 'nothing');
    expect(status).toBe(125);
  });
});

describe('interruption', () => {
  test.each([
    [['run', guest('compute'), '6000000']],
    [['replay', 'long']],
    [['inspect', 'long', '--at', '50M']],
    [['events', 'long', '--follow']],
    [['recordings', 'verify']],
    [['compare', 'long']],
  ])('ends %j with 130', async (words) => {
    const { status, stderr } = await isochron({ store, interruption: aborted() }, ...words);
    expect(status).toBe(130);
    expect(stderr).not.toContain('internal error');
  });
});

describe('a terminal', () => {
  test('is shown progress of long work, which is wiped out again', async () => {
    const { status, stdout, stderr } = await isochron(
      { store, interactive: true },
      'replay',
      'long',
      '--engine',
      'wasm',
      '--quiet',
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('<green>agrees');
    const drawn = stderr.split('\r\u001b[K');
    if (drawn.length > 1)
      expect(drawn[1]).toMatch(/^replaying long: .* instructions of .* \(\d+ %\), .*\/s$/);
    expect((await isochron({ store }, 'replay', 'long', '--quiet')).stderr).not.toContain('\u001b');
  });

  test('has colour only where it is wanted', () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
    expect(paint(true, 'red', 'x')).toBe('\u001b[31mx\u001b[0m');
    expect(paint(false, 'red', 'x')).toBe('x');
  });
});

describe('a program error of ours', () => {
  const broken = (error: Error) => {
    const written: string[] = [];
    const terminal = {
      environment: { ISOCHRON_DEBUG: '1' },
      workingDirectory: store,
      columns: 80,
      interactive: false,
      interruption: new AbortController().signal,
      write: (_: string, content: string | Uint8Array) => written.push(String(content)),
      styled: (_: string, __: string, text: string) => text,
    };
    const open = () => Promise.reject(error);
    const composition: Composition = { openIsochron: open, openRunner: open };
    return runCli(['recordings'], terminal, composition).then((status) => ({
      status,
      written: written.join(''),
    }));
  };

  test('is one line, and with ISOCHRON_DEBUG the stack', async () => {
    const { status, written } = await broken(new TypeError('the parts do not fit'));
    expect(status).toBe(125);
    expect(written).toMatch(
      /^isochron: internal error: the parts do not fit; at .*; please report it\nTypeError: /,
    );
  });
});

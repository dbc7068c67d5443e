import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest, isochron } from './recording-terminal.ts';
import { tamperWith } from './tampering.ts';

/** Recording, replaying, comparing, inspecting, and looking after recordings, from the command line. */

let store = '';
const cli = (...words: string[]) => isochron({ store }, ...words);
beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-recordings-'));
  expect((await cli('run', '--record', 'hello', guest('hello'), 'one')).status).toBe(1);
  expect((await cli('run', '--record', 'long', guest('compute'), '6000000')).status).toBe(0);
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

const eventsOf = async (name: string) => {
  const { stdout } = await cli('events', name, '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; data: Record<string, unknown> });
};

describe('recording and replaying', () => {
  test('a replay shows the guest’s output again and agrees', async () => {
    const { status, stdout, stderr } = await cli('replay', 'hello');
    expect(status).toBe(0);
    expect(stdout).toBe('hello, world\nargument 1: one\n');
    expect(stderr).toContain('agrees with the recording');
  });

  test('a replay on the other engine agrees', async () => {
    const { stdout } = await cli('replay', 'hello', '--engine', 'golden', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'golden', complete: true });
  });

  test('the same command gives the same events, on either engine', async () => {
    await cli('run', '--record', 'again', '--engine', 'golden', guest('hello'), 'one');
    const [again, hello] = await Promise.all(['again', 'hello'].map((name) => cli('events', name, '--json')));
    expect(again!.stdout).toBe(hello!.stdout);
    const { stdout } = await cli('events', 'hello', '--json', '--ids');
    expect(JSON.parse(stdout.split('\n')[0]!)).toHaveProperty('id');
  });

  test('another seed gives other events', async () => {
    await cli('run', '--record', 'seeded', '--seed', 'other', guest('hello'), 'one');
    const started = (events: { type: string; data: Record<string, unknown> }[]) =>
      events.find(({ type }) => type === 'MachineStarted')?.data['digest'];
    expect(started(await eventsOf('seeded'))).not.toBe(started(await eventsOf('hello')));
  });

  test('a name is taken once', async () => {
    const { status, stderr } = await cli('run', '--record', 'hello', guest('hello'));
    expect(status).toBe(125);
    expect(stderr).toContain('hello');
  });

  test('two engines agree in lock-step', async () => {
    const { status, stdout } = await cli('compare', 'hello', '--engines', 'golden,wasm', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engines: ['golden', 'wasm'], complete: true });
  });

  test('what does not exist is named', async () => {
    for (const command of ['replay', 'compare', 'inspect', 'events']) {
      const { status, stderr } = await cli(command, 'nothing');
      expect({ command, status }).toEqual({ command, status: 125 });
      expect(stderr).toContain('nothing');
    }
  });
});

describe('a changed recording', () => {
  const otherDigest = (data: Record<string, unknown>) => ({
    ...data,
    digest: String(data['digest']).replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  });

  const tamper = (
    name: string,
    type: string,
    change: (data: Record<string, unknown>) => object,
    withChecksum: boolean,
  ): void => {
    tamperWith(store, { name, type, withChecksum }, change);
  };

  test('diverges at a digest that is not the state’s, and the engines are said to agree with each other', async () => {
    await cli('run', '--record', 'altered', guest('hello'));
    tamper('altered', 'MachineExited', otherDigest, true);
    const { status, stdout, stderr } = await cli('replay', 'altered');
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/digest/);
    expect(stdout + stderr).toMatch(/agree with each other/);
  });

  test('diverges where the guest asks what was not recorded', async () => {
    await cli('run', '--record', 'asked', guest('hello'));
    tamper(
      'asked',
      'HostReplied',
      (data) => ({ ...data, request: otherDigest({ digest: data['request'] }).digest }),
      true,
    );
    const { status, stdout, stderr } = await cli('replay', 'asked');
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('writeOutput');
  });

  test('is reported as damaged when its bytes rotted, with what was lost', async () => {
    await cli('run', '--record', 'rotten', guest('hello'));
    tamper('rotten', 'MachineExited', otherDigest, false);
    const { stderr } = await cli('recordings', 'show', 'rotten');
    expect(stderr).toMatch(/damaged.*rotten/s);
  });
});

describe('inspecting', () => {
  test('shows registers, code and backtrace at an instruction', async () => {
    const { status, stdout } = await cli('inspect', 'hello', '--at', '4000');
    expect(status).toBe(0);
    for (const word of ['at instruction 4,000', 'registers', 'a0', 'code', '=>', 'backtrace'])
      expect(stdout).toContain(word);
  });

  test('is the same instant on both engines', async () => {
    const at = async (engine: string) =>
      (
        JSON.parse((await cli('inspect', 'hello', '--at', '4000', '--engine', engine, '--json')).stdout) as {
          digest: string;
        }
      ).digest;
    expect(await at('golden')).toBe(await at('wasm'));
  });

  test('shows memory, maps and threads', async () => {
    const { stdout } = await cli(
      'inspect',
      'hello',
      '--at',
      '4000',
      '--maps',
      '--threads',
      '--memory',
      '0x10000:32',
    );
    expect(stdout).toContain('[stack]');
    expect(stdout).toMatch(/7f 45 4c 46|7f454c46/);
    expect(stdout).toContain('100');
  });

  test('goes to the middle of a long run', async () => {
    const { stdout } = await cli('inspect', 'long', '--at', '50000000', '--registers');
    expect(stdout).toContain('at instruction 50,000,000');
  });

  test('refuses an instruction beyond the end, and names the last', async () => {
    const { status, stderr } = await cli('inspect', 'hello', '--at', '99999999');
    expect(status).toBe(125);
    expect(stderr).toMatch(/\d/);
  });
});

describe('events', () => {
  test('are filtered, limited and given from a revision on', async () => {
    expect((await cli('events', 'hello', '--type', 'HostReplied')).stdout.trim().split('\n').length).toBe(1);
    expect((await cli('events', 'hello', '--limit', '2')).stdout.trim().split('\n').length).toBe(2);
    const { stdout } = await cli('events', 'hello', '--from', '3', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ type: 'MachineExited', revision: 3 });
  });

  test('are followed until interrupted', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const following = isochron(
      {
        store,
        interruption: controller.signal,
        onWrite: (to, text) => {
          if (to === 'stdout') seen.push(text);
          if (seen.join('').includes('MachineExited')) controller.abort();
        },
      },
      'events',
      'followed',
      '--follow',
    );
    await cli('run', '--record', 'followed', guest('hello'));
    await following;
    expect(seen.join('')).toContain('MachineCreated');
    expect(seen.join('')).toContain('MachineExited');
  });
});

describe('recordings', () => {
  test('are listed and shown', async () => {
    const list = await cli('recordings', 'list');
    expect(list.stdout).toMatch(/hello +\S+ +4 +exited with 1 +\/bin\/hello one/);
    expect((await cli('recordings', 'list', '--names')).stdout.split('\n')).toContain('long');
    const { stdout } = await cli('recordings', 'show', 'long', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'long',
      arguments: ['6000000'],
      end: { kind: 'exited', code: 0 },
    });
    expect((await cli('recordings', 'show', 'long')).stdout).toContain('/bin/compute');
  });

  test('verify', async () => {
    const { status, stdout, stderr } = await cli('recordings', 'verify', 'hello');
    expect(status).toBe(0);
    expect(stdout + stderr).toContain('hello');
  });

  test('go to a file and come back, and a damaged file is refused', async () => {
    const file = join(store, 'hello.isochron');
    expect((await cli('recordings', 'export', 'hello', file)).status).toBe(0);
    expect((await cli('recordings', 'import', file, '--name', 'copy')).status).toBe(0);
    expect((await cli('replay', 'copy')).status).toBe(0);
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(file, bytes);
    const { status, stderr } = await cli('recordings', 'import', file, '--name', 'broken');
    expect(status).toBe(125);
    expect(stderr).toContain('hello.isochron');
    expect((await cli('recordings', 'list', '--names')).stdout.split('\n')).not.toContain('broken');
    expect(statSync(file).size).toBe(bytes.length);
  });

  test('are deleted, and only they', async () => {
    await cli('run', '--record', 'doomed', guest('hello'));
    expect((await cli('recordings', 'delete', 'doomed')).status).toBe(0);
    expect((await cli('recordings', 'delete', 'doomed')).status).toBe(125);
    expect((await cli('replay', 'hello')).status).toBe(0);
  });
});

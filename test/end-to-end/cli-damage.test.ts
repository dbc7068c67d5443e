import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyingInput, writeGuest } from './assembled-guest.ts';
import { isochron } from './recording-terminal.ts';
import { flipBlobs, tamperWith, type Target } from './tampering.ts';

/** What replay, verify and the other commands say of a recording that is not what was recorded. */

let root = '';
let pristine = '';
let copies = 0;
const input = 'sixteen bytes.. and some more of them\n';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'isochron-cli-damage-'));
  pristine = join(root, 'pristine');
  writeGuest(join(root, 'copy'), copyingInput);
  writeFileSync(join(root, 'words'), input);
  const recorded = await isochron(
    { store: pristine, workingDirectory: root },
    'run',
    '--stdin',
    'words',
    '--record',
    'copy',
    'copy',
  );
  expect(recorded).toMatchObject({ status: 0, stdout: input });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A store of its own for a test to damage. */
function damagedStore(): string {
  const store = join(root, `store-${copies++}`);
  cpSync(pristine, store, { recursive: true });
  return store;
}

function tampered(target: Omit<Target, 'name'>, change: Parameters<typeof tamperWith>[2]): string {
  const store = damagedStore();
  tamperWith(store, { name: 'copy', ...target }, change);
  return store;
}

const withReply = (bytes: string) => (data: Record<string, unknown>) => ({
  ...data,
  reply: { ok: true, bytes: { base64: Buffer.from(bytes).toString('base64') } },
});

describe('a stored reply with one byte changed', () => {
  // The reply to the first of four reads.
  const store = (withChecksum: boolean) =>
    tampered({ type: 'HostReplied', fromLast: 6, withChecksum }, withReply('Sixteen bytes.. '));

  test('is a divergence where the guest passes it on, on both engines', async () => {
    const changed = store(true);
    for (const engine of ['wasm', 'golden']) {
      const { status, stdout, stderr } = await isochron(
        { store: changed },
        'replay',
        'copy',
        '--engine',
        engine,
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('copy diverged');
      expect(stderr).toContain('writeOutput');
      expect(stderr).toMatch(/different at 12\b/);
    }
  });

  test('is found by its checksum, and names the event', async () => {
    const rotten = store(false);
    const { status, stderr } = await isochron({ store: rotten }, 'replay', 'copy');
    expect(status).toBe(1);
    expect(stderr).toContain('revision 2 of machine-copy has a wrong checksum');
    expect(stderr).toContain('lost: revisions 2 to 9 of machine-copy');
    expect((await isochron({ store: rotten }, 'recordings', 'list')).stdout).toContain('cut off');
  });

  test('that is found by its checksum also makes verify fail', async () => {
    const { status, stderr } = await isochron({ store: store(false) }, 'recordings', 'verify');
    expect(status).toBe(1);
    expect(stderr).toContain('damaged store');
  });

  test('makes verify fail, as text and as JSON', async () => {
    const changed = store(true);
    const { status, stdout } = await isochron({ store: changed }, 'recordings', 'verify');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^copy: diverges: /);
    const json = await isochron({ store: changed }, 'recordings', 'verify', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ recording: 'copy', divergence: { differsAt: 12 } });
  });

  test('makes compare say so, rather than that the engines differ', async () => {
    const { status, stdout, stderr } = await isochron({ store: store(true) }, 'compare', 'copy');
    expect(status).not.toBe(0);
    expect(stdout + stderr).toMatch(/diverge|differ/);
  });
});

describe('a reply at another instruction', () => {
  test.each([1, -1])('moved by %i is a divergence', async (by) => {
    const store = tampered({ type: 'HostReplied', fromLast: 4, withChecksum: true }, (data) => ({
      ...data,
      icount: Number(data['icount']) + by,
    }));
    const { status, stderr } = await isochron({ store }, 'replay', 'copy', '--json');
    expect(status).toBe(1);
    expect(stderr).not.toContain('internal error');
  });
});

describe('a final event that says something else', () => {
  test.each([
    [
      'another exit code',
      (data: Record<string, unknown>) => ({ ...data, status: { kind: 'exited', code: 7 } }),
    ],
    ['another length', (data: Record<string, unknown>) => ({ ...data, icount: Number(data['icount']) + 1 })],
    ['another chain', (data: Record<string, unknown>) => ({ ...data, chain: '0'.repeat(64) })],
  ])('%s is a divergence', async (_, change) => {
    const store = tampered({ type: 'MachineExited', withChecksum: true }, change);
    const { status, stderr } = await isochron({ store }, 'replay', 'copy');
    expect(status).toBe(1);
    expect(stderr).toContain('diverged');
  });

  test('or is of a shape that no version writes is named as damage', async () => {
    const store = tampered({ type: 'HostReplied', withChecksum: true }, () => ({ nonsense: true }));
    const { status, stderr } = await isochron({ store }, 'replay', 'copy');
    expect(status).toBe(125);
    expect(stderr).toMatch(/^isochron: event 8 of machine-copy cannot be used: HostReplied has a malformed/);
    const verified = await isochron({ store }, 'recordings', 'verify');
    expect(verified).toMatchObject({ status: 1, stdout: expect.stringMatching(/^copy: damaged: event 8 /) });
    const listed = await isochron({ store }, 'recordings', 'list');
    expect(listed).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^copy +\? +\? +damaged +event 8 /m),
    });
    expect((await isochron({ store }, 'recordings', 'delete', 'copy')).status).toBe(0);
    expect((await isochron({ store }, 'recordings', 'list', '--names')).stdout).toBe('');
  });
});

describe('a blob with one bit changed', () => {
  test('is named by every command that needs it, and by verify', async () => {
    const store = damagedStore();
    const [file] = flipBlobs(store);
    for (const command of ['replay', 'compare', 'inspect']) {
      const { status, stdout, stderr } = await isochron({ store }, command, 'copy');
      expect({ command, status, stdout }).toEqual({ command, status: 125, stdout: '' });
      expect(stderr).toContain(`isochron: damaged store: ${file}`);
      expect(stderr).toContain('is lost');
    }
    const exported = join(store, 'copy.isochron');
    expect((await isochron({ store }, 'recordings', 'export', 'copy', exported)).status).toBe(125);
    expect(existsSync(exported)).toBe(false);
    const { status, stdout } = await isochron({ store }, 'recordings', 'verify');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^copy: damaged: Blob [0-9a-f]{64} is lost/);
    const json = await isochron({ store }, 'recordings', 'verify', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      recording: 'copy',
      damaged: expect.stringContaining('lost'),
    });
  });

  test('does not keep the recording from being shown and deleted', async () => {
    const store = damagedStore();
    flipBlobs(store);
    expect((await isochron({ store }, 'recordings', 'show', 'copy')).stdout).toContain('exited with 0');
    expect((await isochron({ store }, 'recordings', 'delete', 'copy')).status).toBe(0);
    expect((await isochron({ store }, 'recordings', 'list', '--names')).stdout).toBe('');
  });
});

describe('a store that cannot be used', () => {
  test('is named, with what to do', async () => {
    const { status, stderr } = await isochron({ store: join(root, 'words') }, 'recordings', 'list');
    expect(status).toBe(125);
    expect(stderr).toContain(join(root, 'words'));
    expect(stderr).toContain('use another --store');
  });

  test('an empty one says how to make a recording', async () => {
    const { status, stdout } = await isochron({ store: join(root, 'empty') }, 'recordings');
    expect(status).toBe(0);
    expect(stdout).toContain('isochron run --record');
    expect((await isochron({ store: join(root, 'empty') }, 'recordings', '--json')).stdout).toBe('[]\n');
  });

  test.each([
    [['recordings', 'import', 'words'], 'is not a recording archive'],
    [['recordings', 'import', 'absent'], 'absent'],
    [['recordings', 'export', 'absent'], 'no recording named absent'],
    [['recordings', 'export', 'copy', 'words'], 'exists already'],
    [['recordings', 'delete', 'copy', 'absent'], 'no recording named absent'],
  ])('%j fails with 125', async (words, said) => {
    const { status, stderr } = await isochron({ store: pristine, workingDirectory: root }, ...words);
    expect(status).toBe(125);
    expect(stderr).toContain(said);
    expect((await isochron({ store: pristine }, 'recordings', 'list', '--names')).stdout).toBe('copy\n');
  });
});

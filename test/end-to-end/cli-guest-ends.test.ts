import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyingInput, killedBy, waitingForever, writeGuest } from './assembled-guest.ts';
import { guest, isochron } from './recording-terminal.ts';

/** How guests end and what they are given, seen from the command line: input, signals, faults, waiting for ever. */

let store = '';
let at = (name: string): string => name;
beforeAll(() => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-ends-'));
  at = (name) => join(store, name);
  writeGuest(at('copy'), copyingInput);
  writeGuest(at('wait'), waitingForever);
  writeGuest(at('null'), 'li a1, 5\nld a0, 0(zero)\n');
  writeGuest(at('illegal'), '.word 0\n');
  writeGuest(at('ebreak'), 'ebreak\n');
  for (const signal of [2, 9, 15]) writeGuest(at(`kill${signal}`), killedBy(signal));
});
afterAll(() => rmSync(store, { recursive: true, force: true }));
const cli = (...words: string[]) => isochron({ store }, ...words);

describe('the bundled guests', () => {
  test.each(['compute', 'floating', 'hello', 'hello-musl', 'memory', 'processes', 'threads', 'threads-musl'])(
    '%s writes what it writes on Linux, when it runs and when its recording is replayed',
    async (name) => {
      const expected = readFileSync(guest(`../expected/${name}.txt`), 'utf8');
      const ran = await cli('run', '--env', 'A=1', '--record', name, guest(name));
      expect(ran).toEqual({ status: 0, stdout: expected, stderr: '' });
      const replayed = await cli('replay', name);
      expect(replayed).toMatchObject({ status: 0, stdout: expected });
    },
  );
});

describe('standard input', () => {
  const words = 'a first line\nand a second one that is longer than one read\n';

  test('is a file when one is named, and the recording holds it', async () => {
    writeFileSync(at('words'), words);
    expect(await cli('run', '--stdin', 'words', '--record', 'input', at('copy'))).toEqual({
      status: 0,
      stdout: words,
      stderr: '',
    });
    rmSync(at('words'));
    for (const engine of ['wasm', 'golden'])
      expect(await cli('replay', 'input', '--engine', engine)).toMatchObject({ status: 0, stdout: words });
  });

  test('is empty when none is given', async () => {
    expect(await cli('run', at('copy'))).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await cli('run', '--stdin', 'closed', at('copy'))).toMatchObject({ status: 0, stdout: '' });
  });

  test('that cannot be read is named', async () => {
    const { status, stderr } = await cli('run', '--stdin', 'absent', at('copy'));
    expect({ status, stderr }).toEqual({
      status: 125,
      stderr: `isochron: cannot read ${at('absent')}; there is no such file; check the path\n`,
    });
  });
});

describe('a guest that is killed', () => {
  test.each([
    ['kill2', 130, 'SIGINT'],
    ['kill9', 137, 'SIGKILL'],
    ['kill15', 143, 'SIGTERM'],
    ['illegal', 132, 'illegal instruction at pc 0x10078'],
    ['ebreak', 133, 'breakpoint at pc 0x10078'],
    ['null', 139, 'load from unmapped address 0x0 at pc 0x1007'],
  ])('%s gives %i and says why', async (name, expected, reason) => {
    const { status, stdout, stderr } = await cli('run', at(name));
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
  });

  test.each(['wasm', 'golden'])('can be seen at its fault, on %s', async (engine) => {
    const name = `fault-${engine}`;
    await cli('run', '--record', name, '--engine', engine, at('null'));
    const { status, stdout } = await cli('inspect', name, '--engine', engine);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^=> 1007[a-c] .* ld a0, 0\(zero\)$/m);
    expect(stdout).toMatch(/a1 +0000000000000005/);
    expect((await cli('recordings', 'verify', name)).status).toBe(0);
  });
});

describe('a guest that waits for what cannot come', () => {
  test('ends with 123, and its recording replays', async () => {
    const { status, stderr } = await cli('run', '--record', 'waiting', at('wait'));
    expect(status).toBe(123);
    expect(stderr).toMatch(/^isochron: the guest is deadlocked: .*waits for poll, at instruction 6; /);
    const { status: replayed, stderr: said } = await cli('replay', 'waiting');
    expect(replayed).toBe(0);
    expect(said).toContain('6 instructions, deadlocked');
    expect((await cli('recordings', 'list')).stdout).toMatch(/waiting +6 +3 +deadlocked/);
  });
});

describe('the end of a recording', () => {
  beforeAll(async () => {
    await cli('run', '--record', 'ended', guest('hello'));
  });

  test('is shown as it was just before the guest’s exit', async () => {
    const { status, stdout } = await cli('inspect', 'ended', '--threads', '--maps', '--disassemble');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^=> .* ecall$/m);
    expect(stdout).toContain('[stack]');
    const { icount } = JSON.parse((await cli('recordings', 'show', 'ended', '--json')).stdout) as {
      icount: number;
    };
    const { stdout: json } = await cli('inspect', 'ended', '--json', '--memory', '0x10000:4');
    expect(JSON.parse(json)).toMatchObject({
      icount: icount - 1,
      thread: 100,
      registers: { x17: '0x5e' },
      memory: [{ address: '0x10000', bytes: '7f454c46' }],
    });
    const after = await cli('inspect', 'ended', '--at', String(icount));
    expect(after.status).toBe(125);
    expect(after.stderr).toContain(`give --at ${icount - 1}`);
  });

  test.each([
    [['--thread', '7'], 'threads then: 100'],
    [['--memory', '0x10:4'], 'not all of 0x10:4 is mapped'],
    [['--memory', '0:1000G'], 'is mapped'],
    [['--engine', 'abacus'], 'wasm, golden'],
  ])('names what is not there for %j', async (words, said) => {
    const { status, stdout, stderr } = await cli('inspect', 'ended', ...words);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toContain(said);
  });

  test('is not passed by --until, and what was checked until then is said', async () => {
    const { status, stdout, stderr } = await cli('replay', 'ended', '--until', '100');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('100 instructions, stopped before the end');
    expect((await cli('replay', 'ended', '--quiet', '--verify')).stdout).toBe('');
  });
});

describe('limits', () => {
  test.each([
    [['--max-instructions', '0'], 124, 'at instruction 0'],
    [['--memory', '1'], 125, 'give a multiple of 64 KiB'],
    [['--memory', '5G'], 125, 'at most 4 GiB'],
    [['--memory', '64K'], 125, 'cannot run'],
    [['--record', '../up'], 125, 'cannot name a recording'],
    [['--cwd', 'here'], 2, 'begins with /'],
  ])('%j gives %i and says so', async (words, expected, said) => {
    const { status, stderr } = await cli('run', ...words, at('copy'));
    expect(status).toBe(expected);
    expect(stderr).toContain(said);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
  });

  test('a run stopped by its limit is recorded up to there', async () => {
    const { stderr } = await cli('run', '--max-instructions', '2^12', '--record', 'limited', guest('hello'));
    expect(stderr).toContain('the recording limited holds it');
    const { status, stdout } = await cli('replay', 'limited', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      icount: 4096,
      complete: true,
      end: { kind: 'stopped', reason: 'instruction-limit' },
    });
    expect((await cli('inspect', 'limited')).stdout).toContain('at instruction 4,096');
  });
});

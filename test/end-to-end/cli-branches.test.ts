import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readingSome, writeGuest } from './assembled-guest.ts';
import { guest, isochron } from './recording-terminal.ts';

/** Branches of recordings, from the command line. */

let store = '';
const cli = (...words: string[]) => isochron({ store }, ...words);

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-branches-'));
  writeFileSync(join(store, 'numbers'), '3\n14\n15\n');
  await cli('run', '--record', 'tally', '--stdin', 'numbers', guest('tally'));
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

describe('fork', () => {
  test('makes a branch that every command knows', async () => {
    const made = await cli('fork', 'tally', '0', '--stdin', '2=39', '--name', 'more');
    expect(made).toMatchObject({ status: 0, stdout: '3 numbers, sum 112, largest 94\n' });
    expect(made.stderr).toBe(
      'isochron: tally/more departs at tally/main/0 and has 422 instructions: exited with 0; 5 events of its own\n',
    );
    expect((await cli('replay', 'tally/more', '--verify')).stdout).toBe(made.stdout);
    expect((await cli('replay', 'tally/more', '--until', 'tally/more/400', '--json')).stdout).toMatch(
      /"icount":400/,
    );
    expect((await cli('seek', 'tally/more/3')).stdout).toMatch(/^tally\/more\/3: thread 100/);
    expect((await cli('seek', 'tally/more', '3')).stdout).toBe((await cli('seek', 'tally/more/3')).stdout);
    expect((await cli('inspect', 'tally/more', '--at', 'tally/more/3')).stdout).toMatch(/at instruction 3:/);
    expect((await cli('when', 'tally/more', '--syscall', '--limit', '1')).stdout).toMatch(
      /^tally\/more\/17 .*system call read/,
    );
    expect((await cli('who-wrote', 'tally/more', 'a0', '--before', 'tally/more/19')).stdout).toMatch(
      /^tally\/more\/17: write of a0 by the system: read\n/,
    );
    expect((await cli('compare', 'tally/more')).stdout).toMatch(/agree on 422 instructions of tally\/more/);
    expect((await cli('events', 'tally/more', '--limit', '1')).stdout).toMatch(/^ +2 +MachineForked/);
    expect((await cli('recordings', 'show', 'tally/more')).stdout).toMatch(/^name +tally\/more\n/);
    expect((await cli('recordings', 'list')).stdout).not.toMatch(/more/);
  });

  test('takes instants of branches, and every kind of change', async () => {
    const again = await cli('fork', 'tally/more/45', '--set', 'a1=1000', '--name', 'thousand', '--json');
    expect(again.stderr).toMatch(/^3 numbers, sum 1109, largest 1000\n/);
    expect(JSON.parse(again.stdout)).toMatchObject({
      recording: 'tally/thousand',
      parent: 'tally/more',
      at: 45,
    });
    const reply = (await cli('events', 'tally', '--type', 'HostReplied', '--limit', '1')).stdout.trim();
    const [revision] = reply.split(' ') as [string];
    expect((await cli('fork', 'tally', '0', '--input', `${revision}:0=39`)).stdout).toMatch(
      /sum 38, largest 15/,
    );
    const failed = await cli('fork', 'tally', '0', '--answer', `${revision}=EIO`, '--quiet');
    expect(failed).toMatchObject({ status: 0, stdout: '' });
    expect((await cli('fork', 'tally', '45', '--poke', '0x10120=8280')).stdout).toMatch(/^0 numbers, sum 0/);
    const { stdout } = await cli('branches', 'tally');
    expect(stdout.replaceAll(/ +/g, ' ').trim().split('\n')).toEqual([
      'BRANCH DEPARTS AT INSTRUCTIONS EVENTS END CHANGES',
      expect.stringMatching(/^main 401 6 exited with 0$/),
      expect.stringMatching(/^fork-1 main\/0 401 5 exited with 0 reply 2 at 0 = 39$/),
      expect.stringMatching(/^fork-2 main\/0 .* reply 2 = EIO$/),
      expect.stringMatching(/^fork-3 main\/45 .* memory at 0x10120 = 8280$/),
      expect.stringMatching(/^more main\/0 422 5 exited with 0 standard input at 2 = 39$/),
      expect.stringMatching(/^thousand more\/45 .* a1 of thread 100 = 0x3e8$/),
    ]);
    const list = JSON.parse((await cli('branches', 'tally', '--json')).stdout) as { branch: string }[];
    expect(list.map(({ branch }) => branch)).toContain('thousand');
  });

  test('ends a branch at a question that its parent does not answer', async () => {
    const file = writeGuest(join(store, 'some'), readingSome);
    await cli('run', '--record', 'some', '--stdin', 'numbers', file);
    // Executed again, it reads on where its parent had enough.
    const made = await cli('fork', 'some', '6', '--set', 'pc=0x1007c', '--name', 'again');
    expect(made).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /asked the outside a readStdin that the parent does not answer; 2 events/,
      ),
    });
    expect(await cli('replay', 'some/again')).toMatchObject({ status: 0 });
  });

  test.each([
    [['tally'], 2, /no instant is given/],
    [['tally', '0', '--set', 'a9=1'], 2, /no register a9/],
    [['tally', '0', '--set', 'a0'], 2, /"a0" is not a change; give REGISTER=VALUE/],
    [['tally', '0', '--poke', '0x1=1'], 2, /"1" is no bytes/],
    [['tally', '0', '--stdin', 'x=00'], 2, /"x" is not a count/],
    [['tally', '0', '--input', '2=00'], 2, /give EVENT:OFFSET=HEX/],
    [['tally', '0', '--name', 'more'], 125, /branch named more already/],
    [['tally', '9999'], 125, /can be visited at instructions 0 to 400/],
    [['tally/none/3'], 125, /no branch "none"/],
  ])('refuses %j', async (words, expected, says) => {
    const { status, stderr } = await cli('fork', ...words);
    expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(says) });
  });
});

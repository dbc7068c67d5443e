import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeGuest } from './assembled-guest.ts';
import { isochron } from './recording-terminal.ts';

describe('isochron prove', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isochron-prove-'));
  const surroundings = { store: join(folder, 'store') };
  afterAll(() => rmSync(folder, { recursive: true }));
  const prove = (...words: string[]) => isochron(surroundings, 'prove', ...words);

  test('proves a rule, at each of its types', async () => {
    const { status, stdout } = await prove('add-chain');
    expect(stdout).toMatch(/^proved by .*: add-chain at i64 /m);
    expect(stdout).toMatch(/^4 claims: 4 proved/m);
    expect(status).toBe(0);
  });

  test('proves a compressed form to be its full form, and an instruction optimised to be itself', async () => {
    const { status, stdout } = await prove('c.sub', 'mulw', 'fadd.s');
    expect(stdout).toMatch(/proved by equal terms: c\.sub as the full form, 64 encodings/);
    expect(stdout).toMatch(/proved by .*: mulw optimised/);
    expect(stdout).toMatch(/^3 claims: 3 proved/m);
    expect(status).toBe(0);
  });

  test('proves a block, and recalls it in the next run', async () => {
    const code = ['--code', 'slli a0, a0, 32; srli a0, a0, 32; sd a0, 0(a1); ld a2, 0(a1)', '--all'];
    expect((await prove(...code)).stdout).toMatch(/^proved by .*: block 0x10000 \(\d/m);
    expect((await prove(...code)).stdout).toMatch(/^proved by .*: block 0x10000 \(earlier\)/m);
    expect((await prove(...code, '--again')).stdout).toMatch(/^proved by .*: block 0x10000 \(\d/m);
  });

  test('proves every block that a program executes, whether run or replayed', async () => {
    const program = writeGuest(
      join(folder, 'guest'),
      'li a0, 3\nagain: addi a0, a0, -1\nbnez a0, again\nli a7, 93\necall\n',
    );
    const run = await prove('--program', program, '--json');
    const { proofs, complete } = JSON.parse(run.stdout) as {
      readonly complete: boolean;
      readonly proofs: readonly {
        readonly claim: string;
        readonly status: string;
        readonly listing: string[];
      }[];
    };
    expect(complete).toBe(true);
    expect(proofs.map(({ status }) => status)).toEqual(['proved', 'proved', 'proved']);
    expect(proofs[1]!.listing).toEqual(['addi a0, a0, -1', expect.stringContaining('bne a0, zero')]);
    await isochron(surroundings, 'run', '--record', 'counted', program);
    const replayed = await prove('--recording', 'counted');
    expect(replayed.stdout).toMatch(/3 proved \(0 by equal terms, 0 by .*, 3 before\)/);
    const address = /0x[0-9a-f]+/.exec(proofs[1]!.claim)![0];
    expect((await prove('--recording', 'counted', '--at', address)).stdout).toMatch(/^1 claim: 1 proved/m);
  });

  test.each([
    [[], 2, 'nothing to prove'],
    [['nonsense'], 125, 'there is no rule named "nonsense"'],
    [['--timeout', '0', 'add'], 2, '--timeout: 0 is too little'],
    [['--argument', 'x', 'add'], 2, 'are for a program'],
    [['--code', '00 00'], 125, 'no instruction lies at 0x10000'],
    [['--recording', 'nowhere'], 125, 'nowhere'],
  ])('refuses %j', async (words, expected, message) => {
    const { status, stderr } = await prove(...words);
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
  });
});

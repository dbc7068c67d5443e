import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Isochron, openIsochron } from '../../src/library.ts';

/** The guests' sources compiled afresh, other ways than the committed binaries: what compilers emit at other levels and for other extensions. */
const guests = fileURLToPath(new URL('../guests/', import.meta.url));
const compiler = 'riscv64-linux-gnu-gcc';
const absent = spawnSync(compiler, ['--version']).status === 0 ? undefined : `${compiler} is not installed`;

const variants = [
  ['-O0', '-march=rv64gc'],
  ['-O3', '-march=rv64gc_zba_zbb_zbs', '-ffast-math'],
  ['-Os', '-march=rv64gc'],
  ['-O2', '-march=rv64imafd'],
  ['-O3', '-march=rv64gc', '-funroll-all-loops', '-flto'],
] as const;
const tried = process.env['CI'] ? variants : variants.slice(0, 2);
/** -ffast-math may round differently, so only programs without floating point take it. */
const programs = ['memory', 'threads', 'hello'] as const;

describe('programs compiled afresh', () => {
  if (absent !== undefined) {
    test('the cross compiler is installed where it must be', () => {
      console.log(`skipped: programs compiled afresh, because ${absent}`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  let folder = '';
  let isochron: Isochron;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'isochron-fresh-'));
    isochron = await openIsochron();
  });
  afterAll(async () => {
    await isochron.close();
    rmSync(folder, { recursive: true, force: true });
  });

  if (tried.length < variants.length)
    console.log(`scaled down: ${tried.length} ways of compiling instead of CI's ${variants.length}`);

  const run = async (source: string, flags: readonly string[]): Promise<string> => {
    const output = join(folder, 'guest');
    execFileSync(compiler, [
      ...flags,
      '-mabi=lp64d',
      '-w',
      '-static',
      '-pthread',
      '-o',
      output,
      join(guests, 'src', `${source}.c`),
      '-lm',
    ]);
    let written = '';
    const result = await isochron.run({
      program: readFileSync(output),
      programPath: '/bin/guest',
      environment: { A: '1' },
      output: (to, bytes) => {
        if (to === 'stdout') written += Buffer.from(bytes).toString();
      },
    });
    expect(result.status).toEqual({ kind: 'exited', code: 0 });
    return written;
  };

  test.each(tried.flatMap((flags) => programs.map((program) => ({ program, flags: flags.join(' ') }))))(
    '$program with $flags',
    async ({ program, flags }) => {
      expect(await run(program, flags.split(' '))).toBe(
        readFileSync(join(guests, 'expected', `${program}.txt`), 'utf8'),
      );
    },
  );

  test.each(['-O0', '-O2', '-O3 -march=rv64gc_zba_zbb_zbs'])('floating with %s', async (flags) => {
    const lines = (text: string) => text.split('\n').filter((line) => !/^(fma|1\+3)/.test(line));
    // Constant folding and contraction of the fma line depend on the level; all other lines do not.
    expect(
      lines(await run('floating', [...flags.split(' '), '-frounding-math', '-ffp-contract=off'])),
    ).toEqual(lines(readFileSync(join(guests, 'expected', 'floating.txt'), 'utf8')));
  });
});

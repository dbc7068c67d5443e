import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Isochron, openIsochron, type TravelSession } from '../../src/library.ts';
import { randomNumbers } from '../conformance/riscv64/random-words.ts';

/** GDB itself, driving recordings through `isochron gdb`. */

const isochronCommand = `${process.execPath} ${fileURLToPath(new URL('../../bin/isochron.js', import.meta.url))}`;
const source = fileURLToPath(new URL('../guests/src/corruption.c', import.meta.url));
const debuggers = ['gdb-multiarch', 'riscv64-linux-gnu-gcc'];
const absent = debuggers.filter((tool) => spawnSync(tool, ['--version']).status !== 0);

const integers = Array.from({ length: 31 }, (_, n) => `x${n + 1}`);
const preamble = [
  'set pagination off',
  'set confirm off',
  'set height 0',
  'set width 0',
  'set print thread-events off',
];

describe('GDB on a recording', () => {
  if (absent.length > 0) {
    test('GDB and the cross compiler are installed where they must be', () => {
      console.log(`skipped: GDB on a recording, because ${absent.join(' and ')} cannot be run`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  let folder = '';
  let program = '';
  let isochron: Isochron;
  let session: TravelSession;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'isochron-gdb-'));
    program = join(folder, 'corruption');
    execFileSync(debuggers[1]!, ['-g', '-O1', '-static', '-pthread', '-o', program, source]);
    isochron = await openIsochron({ directory: join(folder, 'store') });
    await isochron.run({
      program: readFileSync(program),
      programPath: '/bin/corruption',
      record: 'corruption',
    });
    session = await isochron.travel({ recording: 'corruption' });
  });
  afterAll(async () => {
    await isochron.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const served = (target: string) =>
    `target remote | ${isochronCommand} gdb --store ${join(folder, 'store')} --listen stdio ${target}`;

  /** What GDB prints. */
  function debug(commands: readonly string[], target = 'corruption'): string {
    const script = join(folder, 'script.gdb');
    writeFileSync(script, [...preamble, served(target), ...commands].join('\n'));
    // What `monitor` answers goes to standard error.
    const { stdout, status } = spawnSync(`${debuggers[0]!} -nx -batch -x ${script} 2>&1`, {
      shell: true,
      encoding: 'utf8',
      timeout: 240_000,
      maxBuffer: 2 ** 26,
    });
    expect({ status, failed: /Error in sourced command file.*/s.exec(stdout)?.[0] }).toEqual({ status: 0 });
    return stdout;
  }

  test('goes back from a corrupted variable to its writer', () => {
    const said = debug([
      'break report',
      'continue',
      'print balance',
      'watch -l account.balance',
      'reverse-continue',
      'backtrace 2',
      'print account.balance',
      'monitor who-wrote 0',
      'continue',
      'reverse-continue',
      'reverse-continue',
      'detach',
    ]);
    expect(said).toMatch(/Breakpoint 1, report \(balance=\d+\)/);
    // The last byte written there is the "g" of "long", at byte 12 of the name.
    expect(said).toMatch(
      /Hardware watchpoint 2: -location account\.balance\n\nOld value = \d+\nNew value = \d+\n/,
    );
    expect(said).toMatch(/#0 .*rename_account \(name=.*"much too long"\)/);
    expect(said).toMatch(/#1 .*worker/);
    // One byte earlier, each time: three of them lie in the balance before its last.
    expect(said.match(/hit Hardware watchpoint 2/g)).toHaveLength(4);
    expect(said).toContain('nothing wrote there before');
    expect(said).toContain('[Inferior 1 (Remote target) detached]');
  });

  test('goes back by lines and functions, over calls and out of them', () => {
    const said = debug([
      'break rename_account',
      'continue',
      'reverse-finish',
      'reverse-next',
      'next',
      'next',
      'step',
      'finish',
      'backtrace 1',
      'detach',
    ]);
    expect(said).toMatch(/Breakpoint 1, rename_account/);
    const lines = [...said.matchAll(/^(\d+)\t/gm)].map(([, line]) => Number(line));
    // The loop in the function; its call; the line before; the call again, and into the function.
    expect(lines.slice(0, 5)).toEqual([14, 20, 19, 20, 14]);
    expect(said).toMatch(/#0 .* in start_thread/);
  });

  test('steps back across system calls and thread switches', async () => {
    await session.seek(0);
    const call = await session.next({
      events: ['system-call'],
      where: (event) => event.kind === 'system-call' && event.call === 'getppid',
    });
    const turn = await session.next({ events: ['thread-switch'] });
    const [before, after] = [call!.icount, turn!.icount + 3];
    await session.seek(after);
    const thread = session.threads().findIndex(({ id }) => id === session.currentThread) + 1;
    const said = debug([
      `monitor seek ${before + 1}`,
      'maintenance flush register-cache',
      'x/i $pc - 4',
      'reverse-stepi',
      'monitor when',
      'x/i $pc',
      'stepi',
      'monitor when',
      `monitor seek corruption/main/${after}`,
      'maintenance flush register-cache',
      `thread ${thread}`,
      ...Array.from({ length: 6 }, () => ['reverse-stepi', 'monitor when']).flat(),
      'detach',
    ]);
    expect(said).toMatch(/ecall/);
    const instants = [...said.matchAll(/^corruption\/main\/(\d+)$/gm)].map(([, count]) => Number(count));
    expect(instants.slice(0, 4)).toEqual([before + 1, before, before + 1, after]);
    const walked = instants.slice(4);
    expect(walked).toHaveLength(6);
    // In its turn step by step, and then over the other thread's turn.
    expect(walked.slice(0, 3)).toEqual([after - 1, after - 2, after - 3]);
    expect(walked[3]).toBeLessThan(turn!.icount - 100);
  });

  test('shows at every step of a random walk the registers of a straight run', async () => {
    await session.seek(0);
    const turn = await session.next({ events: ['thread-switch'] });
    const steps = process.env['CI'] ? 1000 : 300;
    if (steps < 1000) console.log(`scaled down: a random walk of ${steps} steps instead of CI's 1000`);
    const random = randomNumbers(11);
    const moves = Array.from({ length: steps }, () => (random() % 2 === 0 ? 'stepi' : 'reverse-stepi'));
    const format = `"${integers.map(() => '%lx').join(' ')} %lx\\n", ${integers.map((name) => `$${name}`).join(', ')}, $pc`;
    const said = debug([
      `monitor seek ${turn!.icount}`,
      'maintenance flush register-cache',
      ...moves.flatMap((move) => [move, 'monitor when', `printf ${format}`]),
      'detach',
    ]);
    const straight = await isochron.travel({ recording: 'corruption' });
    const seen = [...said.matchAll(/^corruption\/main\/(\d+)\n([0-9a-f ]+)$/gm)];
    expect(seen).toHaveLength(steps);
    const counts = new Set<number>();
    for (const [, count, values] of seen) {
      await straight.seek(Number(count));
      counts.add(Number(count));
      const expected = straight.threads().map(({ id }) => {
        const registers = straight.registers(id)!;
        return [...integers, 'pc'].map((name) => registers.get(name)!.toString(16)).join(' ');
      });
      expect(expected).toContain(values);
    }
    expect(counts.size).toBeGreaterThan(10);
  }, 300_000);

  test('finds the ends of a recording, and what there is to read', () => {
    const said = debug(
      [
        'reverse-continue',
        'continue',
        'continue',
        'info threads',
        'info auxv',
        'info proc mappings 100',
        'info registers fcsr instret',
        'x/2xw 0',
        'monitor nonsense',
        'monitor checkpoint',
        'monitor seek 12',
        'monitor checkpoints',
        'monitor restart 1',
        'set var $a0 = 5',
        'detach',
      ].flatMap((line) =>
        /^(x\/2xw|set var)/.test(line)
          ? [`python\ntry:\n  gdb.execute("${line}")\nexcept gdb.error as error:\n  print(error)\nend`]
          : [line],
      ),
    );
    expect(said.match(/No more reverse-execution history/g)).toHaveLength(3);
    expect(said).toMatch(/Thread 100 "corruption" \(process 100/);
    expect(said).toMatch(/AT_ENTRY +Entry point of program +0x/);
    expect(said).toMatch(/\[stack\]/);
    expect(said).toMatch(/Cannot access memory at address 0x0/);
    expect(said).toMatch(/there is no monitor command "nonsense"/);
    expect(said).toMatch(/checkpoint 1 at corruption\/main\/(\d+)[^]*1: corruption\/main\/\1/);
    expect(said).toMatch(/remote failure reply 'E\.a recording cannot be changed'/);
  });

  test('records a program first, and listens on the loopback interface', async () => {
    const server = spawn(process.execPath, [
      isochronCommand.split(' ')[1]!,
      'gdb',
      '--listen',
      '127.0.0.1:0',
      program,
    ]);
    const address = await new Promise<string>((resolve) => {
      let said = '';
      server.stderr.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        const found = /target remote (\S+)/.exec(said);
        if (found) resolve(found[1]!);
      });
    });
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    const script = join(folder, 'tcp.gdb');
    writeFileSync(
      script,
      [...preamble, `target remote ${address}`, 'break rename_account', 'continue', 'kill'].join('\n'),
    );
    const { stdout } = spawnSync(debuggers[0]!, ['-nx', '-batch', '-x', script], { encoding: 'utf8' });
    expect(stdout).toMatch(/Breakpoint 1, rename_account/);
    expect(await new Promise((resolve) => server.on('exit', resolve))).toBe(0);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '../../src/interfaces/cli/command-table.ts';
import { guest, isochron } from './recording-terminal.ts';

/** The commands that need no recording, help, completion, and wrong command lines. */

let store = '';
beforeAll(() => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-tools-'));
});
afterAll(() => rmSync(store, { recursive: true, force: true }));
const cli = (...words: string[]) => isochron({ store }, ...words);

describe('explain', () => {
  test('shows bytes, fields, assembly, IR and WebAssembly', async () => {
    const { status, stdout } = await cli('explain', 'add a0, a1, a2');
    expect(status).toBe(0);
    for (const part of ['33 85 c5 00', 'rs2=12  rs1=11  rd=10', 'add i64', 'local.get', 'i64.add'])
      expect(stdout).toContain(part);
  });

  test('takes bytes as well, and a compressed form names its full one', async () => {
    expect((await cli('explain', '3385c500')).stdout).toContain('add a0, a1, a2');
    expect((await cli('explain', '0505')).stdout).toContain('addi');
  });

  test('says that an encoding is illegal', async () => {
    expect((await cli('explain', '0000')).stdout).toContain('no instruction has this encoding');
  });

  test('refuses half a byte and wrong assembly', async () => {
    expect(await cli('explain', '123')).toMatchObject({ status: 2 });
    const { status, stderr } = await cli('explain', 'add a0, a1, q9');
    expect(status).not.toBe(0);
    expect(stderr).toContain('q9');
  });

  test('gives JSON', async () => {
    const { stdout } = await cli('explain', 'nop', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ instructions: [{ text: expect.stringContaining('addi') }] });
  });

  test('shows the IR after each pass of the optimiser', async () => {
    const code = 'slli a0, a0, 32; srli a0, a0, 32';
    const { stdout } = await cli('explain', '--passes', code);
    expect(stdout).toMatch(/forward-state: .*\n[^]*dead-code: /);
    expect(stdout.split('dead-code: ')[1]).not.toContain('shl');
    const { passes } = JSON.parse((await cli('explain', '--passes', '--json', code)).stdout) as {
      passes: { name: string; changed: boolean; ir: string }[];
    };
    expect(passes.map(({ name }) => name)).toContain('simplify');
    expect(passes.find(({ name }) => name === 'forward-memory')?.changed).toBe(false);
    expect(passes.at(-1)?.ir).toContain('zext');
  });
});

describe('asm and disasm', () => {
  const source = 'start:\n  li a0, 0x123456789\nloop:\n  addi a0, a0, -1\n  bnez a0, loop\n  ret\n';

  test('assemble a file and read it back', async () => {
    const file = join(store, 'loop.s');
    const binary = join(store, 'loop.bin');
    writeFileSync(file, source);
    const { status, stdout } = await cli('asm', file);
    expect(status).toBe(0);
    expect(stdout).toContain('loop');
    expect((await cli('asm', file, '-o', binary)).status).toBe(0);
    expect(readFileSync(binary).length).toBeGreaterThan(12);
    const listing = (await cli('disasm', '--raw', binary)).stdout;
    for (const text of ['addi a0, a0, -1', 'bne', 'jalr']) expect(listing).toContain(text);
  });

  test('name the line and column of every error', async () => {
    const file = join(store, 'wrong.s');
    writeFileSync(file, 'nop\n  addd a0, a1\n  li a0\n');
    const { status, stderr } = await cli('asm', file);
    expect(status).toBe(125);
    expect(stderr).toMatch(/wrong\.s:2:\d+/);
    expect(stderr).toMatch(/wrong\.s:3:\d+/);
  });

  test('disassemble a program', async () => {
    const { status, stdout } = await cli('disasm', guest('compute'));
    expect(status).toBe(0);
    expect(stdout).toContain('ecall');
    // The ELF header lies in the same segment as the code, but is none.
    expect(stdout).not.toContain('illegal');
    expect((await cli('disasm', guest('compute'), '--range', '0x10000:4')).stdout).toContain('illegal');
  });
});

describe('doctor, demo and completion', () => {
  test('doctor tells what the machine offers', async () => {
    const { status, stdout } = await cli('doctor');
    expect(status).toBe(0);
    for (const word of ['node', 'wasm', 'golden', 'node:sqlite']) expect(stdout).toContain(word);
    expect((await cli('doctor', '--json')).stdout).toContain('engine wasm');
  });

  test('demo records, replays and reports', async () => {
    const { status, stdout } = await cli('demo');
    expect(status).toBe(0);
    expect(stdout).toContain('the same');
  });

  test.each(['bash', 'zsh', 'fish'])('completion knows every command in %s', async (shell) => {
    const { status, stdout } = await cli('completion', shell);
    expect(status).toBe(0);
    for (const { name } of commands) expect(stdout).toContain(name.split(' ').at(-1));
  });
});

describe('help', () => {
  test.each(commands.map(({ name }) => name))('%s has a manual', async (name) => {
    const { status, stdout } = await cli(...name.split(' '), '--help');
    expect(status).toBe(0);
    for (const section of ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXIT STATUS'])
      expect(stdout).toContain(section);
    expect((await cli('help', ...name.split(' '))).stdout).toBe(stdout);
  });

  test('the overview lists every command, and no command at all is a usage error', async () => {
    const { status, stdout } = await cli('--help');
    expect(status).toBe(0);
    for (const { name } of commands) expect(stdout).toContain(name);
    expect(await cli()).toMatchObject({ status: 2, stdout: '' });
    expect((await cli('--version')).stdout).toMatch(/^isochron \d+\.\d+\.\d+\n$/);
  });

  test('a misspelt command or option suggests the nearest', async () => {
    const command = await cli('rpelay', 'x');
    expect(command.status).toBe(2);
    expect(command.stderr).toContain('replay');
    const option = await cli('replay', 'x', '--engin', 'wasm');
    expect(option.status).toBe(2);
    expect(option.stderr).toContain('--engine');
  });

  test('colour and progress appear on a terminal only', async () => {
    const drawn = await isochron({ store, interactive: true }, '--help');
    expect(drawn.stdout).toContain('<bold>');
    expect((await cli('--help')).stdout).not.toContain('<bold>');
  });
});

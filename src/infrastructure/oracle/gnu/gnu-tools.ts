import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OracleFault } from '../../../application/ports/oracle.ts';

/** The GNU binutils for RISC-V, as Debian and others name them. */
export const gnuTool = (name: string): string => `riscv64-linux-gnu-${name}`;

const mostOutput = 2 ** 28;

export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs a tool to its end. Throws OracleFault when it cannot be started or dies. */
export function runTool(command: string, args: readonly string[], input = ''): ToolOutput {
  const { stdout, stderr, status, signal, error } = spawnSync(command, args, {
    encoding: 'latin1',
    input,
    maxBuffer: mostOutput,
  });
  if (error || status === null)
    throw new OracleFault(
      `${command} could not be run: ${error?.message ?? String(signal)}`,
      { command },
      error,
    );
  return { stdout, stderr, status };
}

/** As {@link runTool}; also throws where the tool fails. */
export function succeed(command: string, args: readonly string[]): ToolOutput {
  const output = runTool(command, args);
  if (output.status !== 0)
    throw new OracleFault(`${command} failed: ${output.stderr.slice(0, 500)}`, { command });
  return output;
}

/** What a tool calls its version, `2.40`; undefined where there is no such tool. */
export function versionOf(command: string, pattern: RegExp): string | undefined {
  const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'latin1' });
  return status === 0 ? pattern.exec(stdout)?.[1] : undefined;
}

/** Works in a folder that is removed afterwards. */
export function inFolder<T>(work: (path: (name: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'isochron-binutils-'));
  try {
    return work((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const base = 'rv64gc_zihintpause_zba_zbb_zbs';
const architectures = [`${base}_zicond`, base];

/** The richest of our architectures that the assembler knows. */
export function architectureOf(assembler: string): string {
  const known = inFolder((path) =>
    architectures.find(
      (each) => runTool(assembler, [`-march=${each}`, '-o', path('nothing.o')]).status === 0,
    ),
  );
  if (known === undefined) throw new OracleFault(`${assembler} does not know RV64GC`, { assembler });
  return known;
}

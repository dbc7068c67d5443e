import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs of the benchmark, one C file each, and how they are built. */
export interface Workload {
  readonly name: string;
  readonly kind: 'integer' | 'float';
}

const integer = ['sieve', 'sort', 'sha256', 'core', 'strings', 'recursion', 'indirect', 'copy'];
const float = ['nbody', 'matmul', 'mandelbrot'];

export const workloads: readonly Workload[] = [
  ...integer.map((name) => ({ name, kind: 'integer' }) as const),
  ...float.map((name) => ({ name, kind: 'float' }) as const),
];

/** No contraction: native x86-64 has no fused multiply-add by default, and checksums must be equal. */
const flags = ['-O2', '-ffp-contract=off', '-w'];

export const compilers = {
  native: { command: 'gcc', package: 'gcc', flags },
  riscv64: {
    command: 'riscv64-linux-gnu-gcc',
    package: 'gcc-riscv64-linux-gnu libc6-dev-riscv64-cross',
    flags: [...flags, '-static'],
  },
} as const;
export type Target = keyof typeof compilers;

/** Whether a command can be run. */
export const exists = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

/** The first line of what `command --version` prints. */
export const versionOf = (command: string): string =>
  execFileSync(command, ['--version'], { encoding: 'utf8' }).split('\n')[0]!.trim();

/** Compiles a workload into `folder`; gives the program's path. Throws when the compiler fails. */
export function build({ name }: Workload, target: Target, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const source = fileURLToPath(new URL(`workloads/${name}.c`, import.meta.url));
  const program = join(folder, `${name}.${target}`);
  const compiler = compilers[target];
  execFileSync(compiler.command, [...compiler.flags, '-o', program, source, '-lm'], { stdio: 'inherit' });
  return program;
}

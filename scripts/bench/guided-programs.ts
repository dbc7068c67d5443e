import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, compilers, exists, workloads } from './workloads.ts';

/** A program with the input that it is measured with, and the one that its profile is taken from. */
export interface GuidedProgram {
  readonly name: string;
  readonly path: string;
  readonly measured: readonly string[];
  readonly profiled: readonly string[];
}

/** Rounds for which a workload takes a second or less. */
const rounds: Readonly<Record<string, number>> = {
  sort: 16,
  core: 1024,
  strings: 1024,
  recursion: 256,
  indirect: 512,
  nbody: 512,
};
const esbuildVersion = '0.28.2';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The workloads that can be built here, in `folder`, and esbuild, when the registry gives it. Says on standard error what is missing. */
export function guidedPrograms(folder: string): readonly GuidedProgram[] {
  const programs: GuidedProgram[] = [];
  const { command, package: from } = compilers.riscv64;
  if (!exists(command))
    console.error(
      `bench: the workloads are left out: ${command} is missing; on Debian: apt-get install ${from}`,
    );
  else
    for (const workload of workloads) {
      const count = rounds[workload.name];
      if (count === undefined) continue;
      const path = build(workload, 'riscv64', folder);
      programs.push({ name: workload.name, path, measured: [`${count}`], profiled: [`${count / 8}`] });
    }
  const esbuild = fetchEsbuild(folder);
  if (esbuild === undefined) return programs;
  const sources = join(root, 'node_modules');
  copyFileSync(join(sources, 'rxjs/dist/bundles/rxjs.umd.js'), join(folder, 'measured.js'));
  copyFileSync(join(sources, 'prettier/index.mjs'), join(folder, 'profiled.mjs'));
  return [
    ...programs,
    { name: 'esbuild --version', path: esbuild, measured: ['--version'], profiled: ['--version'] },
    {
      name: 'esbuild --minify',
      path: esbuild,
      measured: ['--minify', '/data/measured.js'],
      profiled: ['--minify', '/data/profiled.mjs'],
    },
  ];
}

/** esbuild's riscv64 binary, from the registry; undefined, with the reason on standard error, when it cannot be had. */
function fetchEsbuild(folder: string): string | undefined {
  const spec = `@esbuild/linux-riscv64@${esbuildVersion}`;
  const path = join(folder, 'package', 'bin', 'esbuild');
  try {
    mkdirSync(folder, { recursive: true });
    const file = execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', folder], {
      encoding: 'utf8',
    });
    execFileSync('tar', ['xzf', join(folder, file.trim()), '-C', folder]);
    const inFolder = join(folder, 'esbuild');
    copyFileSync(path, inFolder);
    return existsSync(inFolder) ? inFolder : undefined;
  } catch (error) {
    console.error(`bench: esbuild is left out: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

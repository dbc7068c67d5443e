import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

// Plants imports that the layer rules forbid, in a project of its own, and expects each to be named.

const root = resolve(import.meta.dirname, '../..');
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'isochron-layers-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, file), join(project, file));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  for (const layer of ['domain', 'application', 'infrastructure', 'interfaces'])
    plant(`src/${layer}/thing.ts`, `export const thing = '${layer}';\n`);
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

function cruise(): { readonly status: number | null; readonly output: string } {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
    { cwd: project, encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
}

describe('the layer rules', () => {
  test('allow what the layers allow', () => {
    plant('src/application/allowed.ts', "export { thing } from '../domain/thing.ts';\n");
    expect(cruise()).toMatchObject({ status: 0 });
  });

  const violations: readonly (readonly [rule: string, file: string, text: string])[] = [
    ['domain-imports-only-domain', 'src/domain/bad.ts', "export { thing } from '../application/thing.ts';\n"],
    ['domain-imports-only-domain', 'src/domain/bad.ts', "export { readFileSync } from 'node:fs';\n"],
    [
      'application-imports-domain-and-rxjs',
      'src/application/bad.ts',
      "export { thing } from '../infrastructure/thing.ts';\n",
    ],
    [
      'application-imports-domain-and-rxjs',
      'src/application/bad.ts',
      "export { readFileSync } from 'node:fs';\n",
    ],
    [
      'infrastructure-not-interfaces',
      'src/infrastructure/bad.ts',
      "export { thing } from '../interfaces/thing.ts';\n",
    ],
    [
      'interfaces-not-infrastructure',
      'src/interfaces/bad.ts',
      "export { thing } from '../infrastructure/thing.ts';\n",
    ],
    ['inversify-in-the-root-only', 'src/infrastructure/bad.ts', "export { Container } from 'inversify';\n"],
  ];
  test.each(violations)('report %s for %s: %s', (rule, file, text) => {
    plant(file, text);
    const { status, output } = cruise();
    rmSync(join(project, file));
    expect(output).toContain(rule);
    expect(status).not.toBe(0);
  });
});

import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { checksOf } from '../mutants/checks.ts';
import { mutantNamed, mutants } from '../mutants/catalogue.ts';
import { planted, root, sourceOf } from '../mutants/mutant.ts';
import { attempt } from '../mutants/try-mutant.ts';

test('every seeded fault has a name of its own and finds its place, exactly once, and changes it', () => {
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(200);
  for (const mutant of mutants) expect(planted(mutant, sourceOf(mutant))).not.toBe(sourceOf(mutant));
});

test('every seeded fault is TypeScript, for what cannot be loaded would count as caught', () => {
  const broken = mutants.filter((mutant) => {
    try {
      stripTypeScriptTypes(planted(mutant, sourceOf(mutant)));
      return false;
    } catch {
      return true;
    }
  });
  expect(broken.map(({ id }) => id)).toEqual([]);
});

test('a fault whose place has changed is refused', () => {
  const [mutant] = mutants;
  expect(() => planted(mutant!, 'something else')).toThrow(/is stale: .* has its text 0 times/);
  expect(() => planted(mutant!, `${mutant!.find} ${mutant!.find}`)).toThrow(/2 times/);
});

test('the table of seeded faults names every one of them, and no other', () => {
  const table = readFileSync(join(root, 'docs/reference/mutants.md'), 'utf8');
  const named = [...table.matchAll(/^\| ([\w.-]+) \| [\w./-]+\.ts \| /gm)].map(([, id]) => id!);
  expect(named.toSorted()).toEqual(mutants.map(({ id }) => id).toSorted());
});

/** A few of every kind that are noticed soon; `npm run mutants` tries them all. */
test.each([
  'slli-five-bits',
  'sc-keeps-the-reservation',
  'ties-to-odd',
  'rule-sub-constant',
  'atomic-minimum-is-maximum',
  'c.j-bits-swapped',
])(
  'the seeded fault %s is caught',
  async (id) => {
    const mutant = mutantNamed(id);
    const { caught } = await attempt(checksOf[mutant.area], mutant);
    expect(caught).toBeDefined();
  },
  600_000,
);

test('the package has no seeded faults and no way to plant one', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  expect(files.filter((file) => join('test', 'mutants').startsWith(file))).toEqual([]);
  const production = readFileSync(join(root, 'tsconfig.build.json'), 'utf8');
  expect(production).not.toContain('mutants');
});

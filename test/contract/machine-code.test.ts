import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const trial = fileURLToPath(new URL('machine-code-trial.ts', import.meta.url));
const tried = JSON.parse(execFileSync(process.execPath, [trial], { encoding: 'utf8' })) as unknown;

test('optimised code that was taken of a module runs as the module does', () => {
  expect(tried).toMatchObject({ atFirst: { optimised: true, sum: 507 } });
});

test('there is none of a function that V8 has not optimised', () => {
  expect(tried).toMatchObject({ ofCold: 'none' });
});

test('V8 refuses what is not its code', () => {
  expect(tried).toMatchObject({ short: 'refused', changed: 'refused' });
});

test('it is there though V8 forgets the bytecode of what was not called for long', () => {
  expect(tried).toMatchObject({ later: { optimised: true, sum: 510 } });
});

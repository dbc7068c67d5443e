/**
 * Proves every block that the bundled guests execute, and tells what is known of those that are not proved:
 *
 *     npm run prove:guests -- [GUEST…] [--program 'FILE WORD…'] [--timeout 10] [--max-instructions 20000000] [--write]
 *
 * What is proved is kept in the cache folder of node_modules, so that a run that was stopped goes on. `--program` adds a program of your
 * own with its arguments (repeatable); `--write` puts the table into docs/reference/proofs.md. Exits 1 when a block is refuted.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProveResult } from '../src/application/proofs/proofs.ts';
import { type ProvedGuest, proofRow, proofTable } from './proofs/proof-table.ts';
import { scriptOptions } from './script-options.ts';

const { values, positionals } = scriptOptions(import.meta.url, {
  allowPositionals: true,
  options: {
    program: { type: 'string', multiple: true, default: [] },
    timeout: { type: 'string', default: '10' },
    'max-instructions': { type: 'string', default: '20000000' },
    write: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const bundled = join(root, 'test/guests/bin');
const main = join(root, 'src/interfaces/cli/main.ts');
/** The same blocks are executed whatever the count. */
const wordsOf: Readonly<Record<string, readonly string[]>> = { compute: ['1000'], memory: ['100'] };

const guests = readdirSync(bundled).sort();
const unknown = positionals.filter((name) => !guests.includes(name));
if (unknown.length > 0) {
  console.error(`there is no guest named ${unknown.join(', ')}; there are ${guests.join(', ')}`);
  process.exit(2);
}
const chosen: readonly (readonly [path: string, words: readonly string[]])[] = [
  ...guests
    .filter((name) => positionals.length === 0 || positionals.includes(name))
    .map((name) => [join(bundled, name), wordsOf[name] ?? []] as const),
  ...values.program.map((line) => {
    const [path = '', ...words] = line.split(' ');
    return [path, words] as const;
  }),
];

function prove(path: string, words: readonly string[]): ProveResult {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      main,
      ...['prove', '--program', path, ...words.map((word) => `--argument=${word}`), '--json'],
      ...['--timeout', values.timeout, '--max-instructions', values['max-instructions']],
      ...['--store', join(root, 'node_modules/.cache/isochron-proofs')],
    ],
    { encoding: 'utf8', input: '', maxBuffer: 1 << 30 },
  );
  if (status !== 0 && status !== 1) throw new Error(`${path}: ${stderr.trim()}`);
  return JSON.parse(stdout) as ProveResult;
}

const found: ProvedGuest[] = [];
for (const [path, words] of chosen) {
  const guest = { name: [basename(path), ...words].join(' '), ...prove(path, words) };
  found.push(guest);
  console.log(proofRow(guest));
}
if (values.write)
  writeFileSync(join(root, 'docs/reference/proofs.md'), proofTable(found, Number(values.timeout)));
process.exitCode = found.some(({ proofs }) => proofs.some(({ status }) => status === 'refuted')) ? 1 : 0;

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { commands } from '../src/interfaces/cli/command-table.ts';
import { cliReference } from '../src/interfaces/cli/manual-page.ts';

// Writes docs/reference/cli.md from the command table: npm run docs:cli. `--check` only says whether it is fresh.
const file = new URL('../docs/reference/cli.md', import.meta.url);
const text = await format(cliReference(commands), { ...(await resolveConfig(file)), parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/reference/cli.md is stale: run `npm run docs:cli`\n');
  process.exitCode = 1;
}

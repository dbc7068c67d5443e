import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { commands } from '../src/interfaces/cli/command-table.ts';
import { cliReference } from '../src/interfaces/cli/manual-page.ts';

// Writes docs/reference/cli.md from the command table: npm run docs:cli
const file = new URL('../docs/reference/cli.md', import.meta.url);
writeFileSync(
  file,
  await format(cliReference(commands), { ...(await resolveConfig(file)), parser: 'markdown' }),
);

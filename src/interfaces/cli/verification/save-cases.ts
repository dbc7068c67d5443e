import type { Isochron } from '../../../application/isochron.ts';
import type { Terminal } from '../terminal.ts';

/** A case's program ends soon, unless what it shows is that it does not. */
const longestCase = 10_000;

/** Records each case on the reference engine, under the name and numbers from 2 on. */
export async function saveCases(
  isochron: Isochron,
  lines: readonly string[],
  name: string,
  terminal: Terminal,
  quiet: boolean,
): Promise<void> {
  for (const [at, line] of lines.entries()) {
    const record = at === 0 ? name : `${name}-${at + 1}`;
    await isochron.run({
      program: isochron.verification.caseProgram(line),
      programPath: '/bin/case',
      engine: isochron.verification.engines.at(-1),
      maxInstructions: longestCase,
      record,
    });
    if (!quiet) terminal.write('stdout', `recorded as ${record}\n`);
  }
}

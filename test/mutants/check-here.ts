/**
 * Runs direct checks on the sources as this process has them, in the order given, to the first that fails; prints a line of
 * JSON after each: `node --import …/plant.ts check-here.ts [--long] [--focus=RULES] CHECK…`.
 */
import { parseArgs } from 'node:util';
import { type DirectCheckName, directChecks } from './direct-checks.ts';

const { values, positionals } = parseArgs({
  options: { long: { type: 'boolean', default: false }, focus: { type: 'string' } },
  allowPositionals: true,
});
for (const name of positionals as DirectCheckName[]) {
  const started = performance.now();
  let failed: string | undefined;
  try {
    failed = await directChecks[name]({ long: values.long, focus: values.focus });
  } catch (error) {
    failed = `error: ${String(error)}`;
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ name, failed: failed?.slice(0, 200), seconds })}\n`);
  if (failed !== undefined) break;
}
process.exit(0);

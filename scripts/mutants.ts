/**
 * Plants seeded faults one by one and tells which check catches each, and how soon:
 *
 *     npm run mutants [-- MUTANT|AREA…] [--long] [--json] [--docs] [--fresh] [--results FILE] [--jobs N]
 *
 * What the tests of continuous integration leave is tried by `--long` with as many samples as the long campaign has. Stopped, the
 * same command goes on; survivors are tried again when they are named. `--docs` writes docs/reference/mutants.md of what is known. Exits 1 when a mutant survives.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from '../test/mutants/catalogue.ts';
import { type CheckName, checksOf } from '../test/mutants/checks.ts';
import { areas, type Mutant, root } from '../test/mutants/mutant.ts';
import { mutantTable, summary } from '../test/mutants/report.ts';
import { type MutantResult, Results } from '../test/mutants/results.ts';
import { attempt } from '../test/mutants/try-mutant.ts';
import { scriptOptions } from './script-options.ts';

const { values, positionals } = scriptOptions(import.meta.url, {
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    results: { type: 'string', default: join(root, 'node_modules/.cache/isochron-mutants.jsonl') },
    jobs: { type: 'string', default: '1' },
  },
});
const unknown = positionals.filter((name) => !(name in areas) && !mutants.some(({ id }) => id === name));
if (unknown.length > 0 || !/^[1-9]\d?$/.test(values.jobs)) {
  console.error(
    unknown.length > 0
      ? `there is no mutant and no area named ${unknown.join(', ')}; the areas are ${Object.keys(areas).join(', ')}`
      : `--jobs wants a number from 1 to 99, not ${JSON.stringify(values.jobs)}`,
  );
  process.exit(2);
}
const chosen = mutants.filter(
  ({ id, area }) => positionals.length === 0 || positionals.includes(id) || positionals.includes(area),
);
const results = new Results(values.results, values.fresh);
const suite = values.long ? 'long' : 'ci';
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

/** What a check says of a mutant means something only if it passes on the sources as they are. */
const passed = new Set<string>();
async function mustPass(check: CheckName, focus: string | undefined): Promise<void> {
  const key = check === 'rules by SMT' ? `${check} ${focus ?? ''}` : check;
  if (passed.has(key)) return;
  const { caught } = await attempt([check], undefined, { long: values.long, focus });
  if (caught) throw new Error(`${check} fails on the sources as they are: ${caught.what}`);
  passed.add(key);
}

/** What the tests of continuous integration caught, the long campaign does not have to try. */
const known = (mutant: Mutant): MutantResult | undefined => {
  const found = results.of(mutant, 'ci');
  return found?.caught ? found : results.of(mutant, suite);
};
/** A survivor that is asked for by its name is tried again: the tests may be better now. */
const left = chosen.filter((mutant) => {
  const found = known(mutant);
  return found === undefined || (!found.caught && positionals.includes(mutant.id));
});
say(`${chosen.length} mutants, ${left.length} to try`);
/** In the order in which they were asked for. */
const place = ({ id, area }: Mutant): number => Math.max(positionals.indexOf(id), positionals.indexOf(area));
const queue = left.toSorted((a, b) => place(a) - place(b));
async function work(): Promise<void> {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const attempted = await attempt(checksOf[mutant.area], mutant, { long: values.long });
    if (attempted.caught) await mustPass(attempted.caught.by, mutant.focus);
    const { caught, seconds } = results.add(mutant, suite, attempted);
    say(
      `${caught ? 'caught  ' : 'SURVIVES'} ${mutant.id}, ${seconds.toFixed(1)} s${caught ? `, by ${caught.by}: ${caught.what}` : ''}`,
    );
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const found = (values.docs ? mutants : chosen).map((mutant) => ({ mutant, result: known(mutant) }));
if (values.json) console.log(JSON.stringify(found.map(({ mutant, result }) => ({ ...mutant, ...result }))));
say(summary(found));
if (values.docs) writeFileSync(join(root, 'docs/reference/mutants.md'), mutantTable(found));
process.exitCode = found.some(({ result }) => result && !result.caught) ? 1 : 0;

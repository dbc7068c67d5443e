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
import { parseArgs } from 'node:util';
import { mutants } from '../test/mutants/catalogue.ts';
import { type Area, areas, type Mutant, root } from '../test/mutants/mutant.ts';
import { mutantTable, summary } from '../test/mutants/report.ts';
import { type MutantResult, Results } from '../test/mutants/results.ts';
import { attempt } from '../test/mutants/try-mutant.ts';

const { values, positionals } = parseArgs({
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

/** The area's checks must pass on the sources as they are, or what they say of a mutant means nothing. */
const baselines = new Map<Area, Promise<void>>();
const baseline = (area: Area): Promise<void> => {
  const known = baselines.get(area) ?? checkBaseline(area);
  baselines.set(area, known);
  return known;
};
async function checkBaseline(area: Area): Promise<void> {
  const focuses = left.flatMap((mutant) => (mutant.area === area ? (mutant.focus ?? []) : []));
  const focus = focuses.length > 0 ? focuses.join('|') : undefined;
  const { caught, seconds } = await attempt(area, undefined, {
    long: values.long,
    focus,
    limitMs: 3_600_000,
  });
  if (caught) throw new Error(`${caught.by} fails on the sources as they are: ${caught.what}`);
  say(`the checks of ${area} pass on the sources as they are, in ${seconds.toFixed(1)} s`);
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
const queue = [...left];
async function work(): Promise<void> {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    await baseline(mutant.area);
    const { caught, seconds } = results.add(
      mutant,
      suite,
      await attempt(mutant.area, mutant, { long: values.long }),
    );
    say(
      `${caught ? 'caught  ' : 'SURVIVES'} ${mutant.id}, ${seconds.toFixed(1)} s${caught ? `, by ${caught.by}: ${caught.what}` : ''}`,
    );
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const found = chosen.map((mutant) => ({ mutant, result: known(mutant)! }));
if (values.json) console.log(JSON.stringify(found.map(({ mutant, result }) => ({ ...mutant, ...result }))));
say(summary(found));
if (values.docs) writeFileSync(join(root, 'docs/reference/mutants.md'), mutantTable(found));
process.exitCode = found.some(({ result }) => !result.caught) ? 1 : 0;

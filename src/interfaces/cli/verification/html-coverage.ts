import type { VerificationResult } from '../../../application/verification/verification.ts';
import { encodings } from '../../../application/verification/coverage-counter.ts';
import type { ClassCoverage } from '../../../domain/campaign/coverage.ts';
import { grouped, plural } from '../tables.ts';
import { row, table } from './html-page.ts';
import { escaped } from './junit.ts';

/** All instructions' operand classes and outcomes added up. */
export function distributionSection({ state }: VerificationResult): string {
  const classes = new Map<string, number>();
  const outcomes = new Map<string, number>();
  for (const kinds of Object.values(state.coverage))
    for (const [kind, counts] of Object.entries(kinds))
      for (const [outcome, count] of Object.entries(counts)) {
        if (outcome === encodings) continue;
        classes.set(kind, (classes.get(kind) ?? 0) + count);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
      }
  return `<section aria-labelledby="inputs"><h2 id="inputs">Inputs and outcomes</h2>${distribution('Operands by class', classes)}${distribution('Outcomes', outcomes)}</section>`;
}

function distribution(caption: string, counts: ReadonlyMap<string, number>): string {
  const sum = [...counts.values()].reduce((total, count) => total + count, 0);
  const rows = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => row(name, [grouped(count), `${((100 * count) / sum).toFixed(1)} %`]));
  return rows.length === 0 ? '' : table(caption, ['', 'count', 'share'], rows);
}

/** The coverage map: an overview, then each instruction by class and outcome. */
export function coverageSection({ state, untried, unreachable }: VerificationResult): string {
  const { instructions, isa } = state.setup;
  const ofInstruction = (classes: readonly string[], name: string): readonly string[] =>
    classes.filter((each) => each.startsWith(`${name} `)).map((each) => each.slice(name.length + 1));
  const overview = instructions.map((name) => {
    const entries = Object.entries(state.coverage[name] ?? {});
    const outcomes = new Set(entries.flatMap(([, counts]) => Object.keys(counts)));
    const tried = entries.filter(([, counts]) => counts[encodings] !== undefined).length;
    const missing = ofInstruction(untried, name);
    return row(name, [
      grouped(tried),
      missing.length === 0 ? 'none' : missing.join(', '),
      grouped(ofInstruction(unreachable, name).length),
      grouped(entries.length - tried),
      [...outcomes]
        .filter((outcome) => outcome !== encodings)
        .sort()
        .join(', '),
    ]);
  });
  const heads = [
    'instruction',
    'classes of encodings tried',
    'untried',
    'not to be asked about',
    'classes of operands',
    'outcomes',
  ];
  return `<section id="coverage" aria-labelledby="coverage-title">
<h2 id="coverage-title">What was tried</h2>
${table(`Coverage of ${isa}`, heads, overview)}
<h3>By class and outcome</h3>
<p>Cases by class and outcome; for classes of encodings, how many encodings. A case with several operands counts once for each.</p>
${instructions.map((name) => instructionCoverage(name, state.coverage[name] ?? {})).join('\n')}
</section>`;
}

function instructionCoverage(name: string, kinds: ClassCoverage): string {
  const entries = Object.entries(kinds);
  if (entries.length === 0)
    return `<details><summary><code>${escaped(name)}</code>: nothing tried yet</summary></details>`;
  const outcomes = [...new Set(entries.flatMap(([, counts]) => Object.keys(counts)))].sort();
  const rows = entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, counts]) =>
      row(
        kind,
        outcomes.map((outcome) => (counts[outcome] === undefined ? '' : grouped(counts[outcome]))),
      ),
    );
  return `<details><summary><code>${escaped(name)}</code>: ${plural(entries.length, 'class')}, ${plural(outcomes.length, 'outcome')}</summary>${table(`Cases of ${name}`, ['class', ...outcomes], rows)}</details>`;
}

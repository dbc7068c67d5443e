import { sideBySide } from '../../../application/verification/side-by-side.ts';
import type { VerificationResult } from '../../../application/verification/verification.ts';
import type { ClassCoverage } from '../../../domain/campaign/coverage.ts';
import type { CounterexampleFoundData } from '../../../domain/campaign/events.ts';
import { grouped, plural } from '../tables.ts';
import { escaped } from './junit.ts';
import { claimOf, reproduction, verdictOf } from './verification-text.ts';

/**
 * The campaign as one static page: verdict, counterexamples, what was tried. It needs no script; tables have captions and
 * scoped headers, colours are doubled by words, and both colour schemes have enough contrast.
 */
export function htmlReport(result: VerificationResult): string {
  const { state } = result;
  const claim = claimOf(result);
  const verdict = verdictOf(result);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${verdict}: ${claim}`)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#coverage">Skip to the coverage map</a>
<header>
<h1>${escaped(claim)}</h1>
<p class="verdict ${verdict}">${verdict}</p>
</header>
<main>
${summary(result)}
${counterexamplesSection(result)}
${distributionSection(result)}
<section id="coverage" aria-labelledby="coverage-title">
<h2 id="coverage-title">What was tried</h2>
<p>Cases by instruction, class of operand and outcome. A case with several operands counts once for each.</p>
${state.setup.instructions.map((name) => instructionCoverage(name, state.coverage[name] ?? {})).join('\n')}
</section>
</main>
</body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --good: #06632f; --bad: #a30f1d; --line: #8888; }
@media (prefers-color-scheme: dark) { :root { --good: #7ee2a1; --bad: #ff9aa2; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 72rem; padding: 0 1rem; }
pre, td, code { font-family: ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .15rem .6rem; text-align: left; vertical-align: top; }
td.count { text-align: right; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
tr.differs td { font-weight: 700; color: var(--bad); }
.verdict { font-size: 1.5rem; font-weight: 700; }
.holds { color: var(--good); } .refuted, .unfinished { color: var(--bad); }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
.scroll { overflow-x: auto; } details { margin: .25rem 0; } summary { cursor: pointer; }
`;

const row = (head: string, cells: readonly string[], kind = ''): string =>
  `<tr${kind && ` class="${kind}"`}><th scope="row">${escaped(head)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

function table(caption: string, heads: readonly string[], rows: readonly string[]): string {
  const columns = heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('');
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption>${escaped(caption)}</caption><thead><tr>${columns}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function summary({ state, notAsked, campaign, untried, unreachable }: VerificationResult): string {
  const { setup } = state;
  const facts: readonly (readonly [string, string])[] = [
    ['campaign', campaign ?? 'not recorded'],
    ['subject', `${setup.subjects.join(', ')}: ${plural(setup.instructions.length, 'instruction')}`],
    ['tested', setup.tested.join(', ')],
    ['held against', setup.reference],
    ['instructions in a block', setup.blockLength === 1 ? '1' : `up to ${setup.blockLength}`],
    ['cases', grouped(state.cases)],
    ['seed', setup.seed],
    ['shards verified', `${state.verified.size} of ${setup.shards}`],
    ['known faults of the reference met', grouped(state.knownDifferences)],
    ['classes of encodings untried', untried.length === 0 ? 'none' : untried.join(', ')],
    ['classes that cannot be asked about', unreachable.length === 0 ? 'none' : unreachable.join(', ')],
    ['not asked', notAsked.length === 0 ? 'none' : notAsked.join(', ')],
  ];
  return table(
    'The campaign',
    ['', ''],
    facts.map(([name, value]) => row(name, [value])),
  );
}

function counterexamplesSection({ state }: VerificationResult): string {
  const { counterexamples, setup } = state;
  const body =
    counterexamples.length === 0
      ? '<p>None was found.</p>'
      : counterexamples.map((found, at) => counterexampleArticle(found, at + 1, setup.reference)).join('\n');
  return `<section aria-labelledby="counterexamples"><h2 id="counterexamples">Counterexamples</h2>${body}</section>`;
}

function counterexampleArticle(found: CounterexampleFoundData, number: number, reference: string): string {
  const id = `counterexample-${number}`;
  const fields = sideBySide(found).map((each) =>
    row(
      each.field,
      [each.before, each.expected, each.found, each.differs ? 'differs' : ''],
      each.differs ? 'differs' : '',
    ),
  );
  const command = found.case.includes('=>')
    ? `<p>Run it again, on any engine:</p><pre>${escaped(reproduction(found))}</pre>`
    : '';
  return `<article aria-labelledby="${id}"><h3 id="${id}">${number}. ${escaped(found.instruction)} on ${escaped(found.tested)}, shard ${found.shard}</h3>
<pre>${escaped(found.listing.join('\n'))}</pre>
${table('State before, and after by either', ['field', 'before', reference, found.tested, ''], fields)}
${command}<p>As a conformance case:</p><pre>${escaped(found.case)}</pre>
<details><summary>Before it was shrunk</summary><pre>${escaped(found.original.replaceAll('; ', '\n'))}</pre></details></article>`;
}

/** All instructions' operand classes and outcomes added up. */
function distributionSection({ state }: VerificationResult): string {
  const classes = new Map<string, number>();
  const outcomes = new Map<string, number>();
  for (const kinds of Object.values(state.coverage))
    for (const [kind, counts] of Object.entries(kinds))
      for (const [outcome, count] of Object.entries(counts)) {
        if (outcome === 'encodings') continue;
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

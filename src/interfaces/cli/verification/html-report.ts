import type { VerificationResult } from '../../../application/verification/verification.ts';
import { grouped, plural } from '../tables.ts';
import { counterexamplePage, counterexampleTitle } from './html-counterexample.ts';
import { coverageSection, distributionSection } from './html-coverage.ts';
import { htmlPage, row, table } from './html-page.ts';
import { escaped } from './junit.ts';
import { claimOf, unitOf, verdictOf } from './verification-text.ts';

/** The campaign as static pages by file name: `file` with verdict and coverage, and beside it one for each counterexample. */
export function htmlReport(result: VerificationResult, file: string): ReadonlyMap<string, string> {
  const claim = claimOf(result);
  const verdict = verdictOf(result);
  const stem = file.replace(/\.html?$/, '');
  const { counterexamples } = result.state;
  const pages = counterexamples.map((found, at) => [`${stem}-counterexample-${at + 1}.html`, found] as const);
  const links = pages.map(
    ([name, found]) =>
      `<li><a href="${escaped(encodeURI(name))}">${escaped(counterexampleTitle(found))}</a>: <code>${escaped(found.listing.join('; '))}</code></li>`,
  );
  const list = links.length === 0 ? '<p>None was found.</p>' : `<ol>${links.join('')}</ol>`;
  const main = htmlPage({
    title: `${verdict}: ${claim}`,
    skip: { id: 'coverage', what: 'the coverage map' },
    header: `<h1>${escaped(claim)}</h1>\n<p class="verdict ${verdict}">${verdict}</p>`,
    main: [
      summary(result),
      `<section aria-labelledby="counterexamples"><h2 id="counterexamples">Counterexamples</h2>${list}</section>`,
      distributionSection(result),
      coverageSection(result),
    ],
  });
  return new Map([
    [file, main],
    ...pages.map(([name, found]) => [name, counterexamplePage(found, result, file)] as const),
  ]);
}

function summary({ state, notAsked, campaign, untried, unreachable }: VerificationResult): string {
  const { setup } = state;
  const facts: readonly (readonly [string, string])[] = [
    ['campaign', campaign ?? 'not recorded'],
    ['subject', `${setup.subjects.join(', ')}: ${plural(setup.instructions.length, unitOf(setup))}`],
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

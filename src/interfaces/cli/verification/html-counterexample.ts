import { sideBySide } from '../../../application/verification/side-by-side.ts';
import type { CounterexampleFoundData } from '../../../domain/campaign/events.ts';
import { htmlPage, row, table } from './html-page.ts';
import { escaped } from './junit.ts';
import { executes, reproduction } from './verification-text.ts';
import type { VerificationResult } from '../../../application/verification/verification.ts';

/** A counterexample as a page of its own. `report`: the page that names it. */
export function counterexamplePage(
  found: CounterexampleFoundData,
  { state: { setup } }: VerificationResult,
  report: string,
): string {
  const title = counterexampleTitle(found);
  const fields = sideBySide(found).map((each) =>
    row(
      each.field,
      [each.before, each.expected, each.found, each.differs ? 'differs' : ''],
      each.differs ? 'differs' : '',
    ),
  );
  const onEngines = executes(setup.relation) ? ', on any engine' : '';
  const again = `<h2>Run it again${onEngines}</h2><pre>${escaped(reproduction(found, setup))}</pre>`;
  return htmlPage({
    title,
    skip: { id: 'states', what: 'the states' },
    header: `<p><a href="${escaped(encodeURI(report))}">The campaign</a></p><h1>${escaped(title)}</h1>`,
    main: [
      `<p>Found by seed ${escaped(setup.seed)} in shard ${found.shard}, and made as small as it stays wrong.</p>`,
      `<pre>${escaped(found.listing.join('\n'))}</pre>`,
      `<h2 id="states">Side by side</h2>`,
      table(
        'State before, and after by either',
        ['field', 'before', setup.reference, found.tested, ''],
        fields,
      ),
      again,
      `<h2>As a conformance case</h2><pre>${escaped(found.case)}</pre>`,
      `<h2>Before it was made smaller</h2><pre>${escaped(found.original.replaceAll('; ', '\n'))}</pre>`,
    ],
  });
}

export const counterexampleTitle = ({ instruction, tested }: CounterexampleFoundData): string =>
  `${instruction} on ${tested}`;

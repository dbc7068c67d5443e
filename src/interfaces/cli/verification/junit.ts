import type { VerificationResult } from '../../../application/verification/verification.ts';
import { claimOf, counterexampleText } from './verification-text.ts';

/** Characters that XML has no way to write (XML 1.0, 2.2) are left out. */
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export const escaped = (text: string): string =>
  text
    .replaceAll(unwritable, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** The campaign as JUnit XML, as continuous integration systems read it: a test for each instruction. */
export function junitReport(result: VerificationResult): string {
  const { state, notAsked } = result;
  const { setup, counterexamples } = state;
  const claim = claimOf(result);
  const unfinished = state.status === 'running';
  const tests = setup.instructions.map((name) => {
    const found = counterexamples.filter(({ instruction }) => instruction === name);
    const failures = found.map(
      (each) =>
        `<failure message="${escaped(`${each.tested} differs from ${setup.reference}: ${each.listing.join('; ')}`)}">${escaped(counterexampleText(each, setup))}</failure>`,
    );
    const skipped =
      found.length === 0 && unfinished ? ['<skipped message="the campaign is not finished"/>'] : [];
    return testCase(claim, name, [...failures, ...skipped]);
  });
  const skipped = notAsked.map((name) =>
    testCase(claim, name, [`<skipped message="${escaped(setup.reference)} cannot be asked"/>`]),
  );
  const failed = new Set(counterexamples.map(({ instruction }) => instruction)).size;
  const left = unfinished ? setup.instructions.length - failed : 0;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escaped(claim)}" tests="${tests.length + skipped.length}" failures="${failed}" errors="0" skipped="${skipped.length + left}">`,
    '    <properties>',
    ...[
      ['seed', setup.seed],
      ['cases', String(state.cases)],
      ['shards', `${state.verified.size} of ${setup.shards}`],
    ].map(([name, value]) => `      <property name="${name!}" value="${escaped(value!)}"/>`),
    '    </properties>',
    ...tests,
    ...skipped,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const testCase = (claim: string, name: string, inside: readonly string[]): string =>
  `    <testcase classname="${escaped(claim)}" name="${escaped(name)}"${inside.length === 0 ? '/>' : `>${inside.join('')}</testcase>`}`;

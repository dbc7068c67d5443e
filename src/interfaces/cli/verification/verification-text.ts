import { disputed } from '../../../application/verification/votes.ts';
import { sideBySide } from '../../../application/verification/side-by-side.ts';
import type { CaseReport, VerificationResult } from '../../../application/verification/verification.ts';
import type { CounterexampleFoundData, Relation } from '../../../domain/campaign/events.ts';
import { columns, grouped, plural } from '../tables.ts';

/** Counterexamples that are printed in full; the reports have them all. */
const shown = 5;

type Setup = VerificationResult['state']['setup'];

export type Verdict = 'holds' | 'refuted' | 'unfinished';

export function verdictOf({ state }: VerificationResult): Verdict {
  if (state.status === 'completed') return state.verdict;
  return state.counterexamples.length > 0 ? 'refuted' : 'unfinished';
}

/** What the campaign claims, in words. */
export function claimOf({ state: { setup } }: VerificationResult): string {
  switch (setup.relation) {
    case 'engine':
    case 'optimised':
    case 'oracle':
      return `${setup.tested.join(', ')} ≡ ${setup.reference}`;
    case 'disassembly':
      return `disassembly ≡ ${setup.reference}`;
    case 'encoding':
      return setup.reference !== 'isa' ? `encoding ≡ ${setup.reference}` : 'encode ∘ decode = identity';
    case 'assembly':
      return 'assemble ∘ disassemble = identity';
  }
}

export function verificationText(result: VerificationResult): string {
  const { state, resumedFrom, notAsked, untried, unreachable } = result;
  const { setup, verified, cases, counterexamples } = state;
  const lines = counterexamples.slice(0, shown).map((found) => counterexampleText(found, setup));
  if (counterexamples.length > shown)
    lines.push(
      `and ${plural(counterexamples.length - shown, 'more counterexample')}; --json and --html have them all\n`,
    );
  const what = setup.blockLength === 1 ? 'case' : `block of up to ${setup.blockLength} instructions`;
  const tried =
    setup.blockLength === 1
      ? plural(cases, what)
      : `${grouped(cases)} cases of ${what.replace('block', 'blocks')}`;
  const shards = `${grouped(verified.size)} of ${plural(setup.shards, 'shard')}`;
  return [
    ...lines,
    ...(resumedFrom > 0 ? [`went on after ${plural(resumedFrom, 'shard')} verified before\n`] : []),
    ...(notAsked.length > 0 ? [`not asked of ${setup.reference}: ${notAsked.join(', ')}\n`] : []),
    ...(unreachable.length > 0
      ? [
          `${plural(unreachable.length, 'class')} of encodings that ${setup.reference} cannot be asked about\n`,
        ]
      : []),
    ...(state.knownDifferences > 0
      ? [`${plural(state.knownDifferences, 'case')} differ as known faults of ${setup.reference} do\n`]
      : []),
    ...disputes(state.coverage),
    ...(untried.length > 0 && setup.blockLength === 1
      ? [`${plural(untried.length, 'class')} of encodings untried; more --cases reach them\n`]
      : []),
    `${verdictOf(result)}: ${claimOf(result)}: ${plural(setup.instructions.length, unitOf(setup))}, ${tried}, ${shards}, seed ${setup.seed}${counterexamples.length > 0 ? `, ${plural(counterexamples.length, 'counterexample')}` : ''}\n`,
  ].join('');
}

/** What a campaign tries one after the other. */
export const unitOf = ({ subjects }: Pick<Setup, 'subjects'>): 'block' | 'instruction' =>
  subjects.some((subject) => /^(program|recording) /.test(subject)) ? 'block' : 'instruction';

/** Where oracles are not of one mind: how often, and what they said first, by instruction. */
function disputes(coverage: VerificationResult['state']['coverage']): readonly string[] {
  const found = Object.entries(coverage).flatMap(([name, kinds]) =>
    Object.values(kinds).flatMap((outcomes) =>
      Object.entries(outcomes)
        .filter(([outcome]) => outcome.startsWith(disputed))
        .map(([outcome, count]) => `  ${name}: ${plural(count, 'encoding')} ${outcome}\n`),
    ),
  );
  return found.length === 0 ? [] : ['encodings on which the oracles do not agree:\n', ...found];
}

/**
 * The command that runs a counterexample again: on any engine where it is a case that can be run, or else by the campaign that finds it.
 * A case holds no single quotes.
 */
export function reproduction(
  { case: line, instruction, shard }: CounterexampleFoundData,
  { relation, reference, casesPerShard, seed }: Setup,
): string {
  if (executes(relation)) return `isochron verify --case '${line}'`;
  const oracle = reference === 'isa' || reference.includes(',') ? [] : ['--oracle', shortName(reference)];
  return [
    ...['isochron verify', instruction, '--relation', relation, ...oracle],
    ...['--cases', (shard + 1) * casesPerShard, '--shards', shard + 1, '--seed', quoted(seed)],
  ].join(' ');
}

/** What an oracle is asked for by: `GNU objdump 2.40` is `objdump`. */
const shortName = (oracle: string): string => oracle.replace(/^GNU /, '').replace(/ .*/, '');
const quoted = (seed: string): string =>
  /^[\w.-]+$/.test(seed) ? seed : `'${seed.replaceAll("'", "'\\''")}'`;

/** Whether what refutes the relation is a case that can be run. */
export const executes = (relation: Relation): boolean =>
  relation === 'engine' || relation === 'optimised' || relation === 'oracle';

/** What a campaign's cases were drawn from, as options. */
const originOf = (found: CounterexampleFoundData, seed: string): string =>
  `seed ${seed}, shard ${found.shard}`;

export function counterexampleText(found: CounterexampleFoundData, setup: Setup): string {
  const { seed, reference } = setup;
  const fields = sideBySide(found);
  const first = fields.find(({ differs }) => differs);
  const rows = fields.map((each) => [
    each === first ? '→' : each.differs ? '≠' : ' ',
    each.field,
    each.before,
    each.expected,
    each.found,
  ]);
  return [
    `refuted: ${found.instruction}, ${found.tested} against ${reference} (${originOf(found, seed)})\n\n`,
    ...found.listing.map((line) => `    ${line}\n`),
    '\n',
    columns([['', 'field', 'before', reference, found.tested], ...rows])
      .replaceAll(/^/gm, '  ')
      .trimEnd(),
    '\n\n',
    `  again:  ${reproduction(found, setup)}\n`,
    `  case:   ${found.case}\n\n`,
  ].join('');
}

/** What each engine makes of a case. */
export const caseReportText = ({ listing, results }: CaseReport): string =>
  [
    ...listing.map((line) => `    ${line}\n`),
    '\n',
    ...results.map(({ engine, differences }) =>
      differences.length === 0
        ? `${engine}: does as the case says\n`
        : `${engine}: differs\n${columns([
            ['', 'field', 'case', engine],
            ...differences.map(({ field, expected, found }, at) => [
              at === 0 ? '→' : '≠',
              field,
              expected,
              found,
            ]),
          ])
            .replaceAll(/^/gm, '  ')
            .trimEnd()}\n`,
    ),
  ].join('');

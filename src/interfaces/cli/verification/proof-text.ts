import type { Proof, ProveResult } from '../../../application/proofs/proofs.ts';
import { columns, grouped, plural } from '../tables.ts';

/** Lines of a listing that are printed. */
const shownLines = 24;

const statusText: Readonly<Record<Proof['status'], string>> = {
  proved: 'proved',
  refuted: 'refuted',
  unknown: 'unknown',
  timeout: 'out of time',
};

/** `all`: proved claims too. */
export function proofText(result: ProveResult, all: boolean): string {
  const { proofs, complete } = result;
  const listed = proofs.filter(({ status }) => all || status !== 'proved');
  return [
    ...listed.map(claimText),
    summaryOf(result),
    ...(complete ? [] : ['stopped before every claim was tried; the same command goes on\n']),
  ].join('');
}

function claimText(proof: Proof): string {
  const { claim, status, by, recalled, listing, differences, milliseconds } = proof;
  const how = by === undefined ? '' : status === 'proved' ? ` by ${by}` : `: ${by}`;
  const when = recalled ? 'earlier' : `${(milliseconds / 1000).toFixed(2)} s`;
  const first = `${statusText[status]}${how}: ${claim} (${when})\n`;
  if (status === 'proved') return first;
  const more = listing.length > shownLines ? [`    … ${grouped(listing.length - shownLines)} more\n`] : [];
  const rows = differences.map(({ field, expected, found }, at) => [
    at === 0 ? '→' : '≠',
    field,
    expected,
    found,
  ]);
  return [
    first,
    ...listing.slice(0, shownLines).map((line) => `    ${line}\n`),
    ...more,
    ...(rows.length > 0
      ? [
          `\n${columns([['', 'field', 'as written', 'optimised'], ...rows])
            .replaceAll(/^/gm, '  ')
            .trimEnd()}\n`,
        ]
      : []),
    ...(proof.case === undefined ? [] : [`\n  again:  isochron verify --case '${proof.case}'\n`]),
    '\n',
  ].join('');
}

function summaryOf({ proofs, solver }: ProveResult): string {
  const tally = (status: Proof['status']): number => proofs.filter((proof) => proof.status === status).length;
  const proved = proofs.filter(({ status }) => status === 'proved');
  const recalled = proved.filter((proof) => proof.recalled).length;
  const same = proved.filter(({ by, recalled: before }) => by === 'equal terms' && !before).length;
  const parts = [
    `${grouped(proved.length)} proved (${grouped(same)} by equal terms, ${grouped(proved.length - same - recalled)} by ${solver}, ${grouped(recalled)} before)`,
    ...(['refuted', 'unknown', 'timeout'] as const).flatMap((status) =>
      tally(status) > 0 ? [`${grouped(tally(status))} ${statusText[status]}`] : [],
    ),
  ];
  const blocks = proofs.filter(({ subject }) => subject === 'program' || subject === 'recording');
  const integer = blocks.filter(({ float }) => !float);
  const ofThese = integer.filter(({ status }) => status === 'proved').length;
  return [
    `${plural(proofs.length, 'claim')}: ${parts.join(', ')}\n`,
    ...(blocks.length > 0
      ? [
          `${plural(integer.length, 'block')} of integer instructions, ${integer.length === 0 ? 0 : Math.floor((1000 * ofThese) / integer.length) / 10} % proved; ${plural(blocks.length - integer.length, 'block')} with floating point\n`,
        ]
      : []),
  ].join('');
}

import type { Proof, ProveResult } from '../../src/application/proofs/proofs.ts';

export interface ProvedGuest extends ProveResult {
  /** The program and its arguments. */
  readonly name: string;
}

/** Instructions of an unproved block that are shown. */
const shownInstructions = 6;

const grouped = (value: number): string => value.toLocaleString('en-US');
const isProved = ({ status }: Proof): boolean => status === 'proved';

/** Rounded down, so that 100 % means all. */
function share(proofs: readonly Proof[]): string {
  if (proofs.length === 0) return '—';
  return `${(Math.floor((1000 * proofs.filter(isProved).length) / proofs.length) / 10).toFixed(1)} %`;
}

/** One guest as a line of the table. */
export function proofRow({ name, proofs }: ProvedGuest): string {
  const integer = proofs.filter(({ float }) => !float);
  const count = (status: Proof['status']): string =>
    grouped(proofs.filter((proof) => proof.status === status).length);
  const cells = [
    name,
    grouped(proofs.length),
    count('proved'),
    count('refuted'),
    count('unknown'),
    count('timeout'),
    grouped(integer.length),
    share(integer),
  ];
  return `| ${cells.join(' | ')} |`;
}

const reason = ({ status, by }: Proof): string =>
  status === 'timeout' ? 'out of time' : status === 'refuted' ? 'refuted' : (by ?? 'unknown');

function unproved({ name, proofs }: ProvedGuest): readonly string[] {
  return proofs
    .filter((proof) => !isProved(proof))
    .map((proof) => {
      const { claim, listing, float } = proof;
      const more = listing.length > shownInstructions ? '; …' : '';
      const first = listing.slice(0, shownInstructions).join('; ') + more;
      const kind = float ? ', floating point' : '';
      return `- ${name}, ${claim}: ${reason(proof)}, ${listing.length} instructions${kind}: \`${first}\``;
    });
}

/** docs/reference/proofs.md. */
export function proofTable(found: readonly ProvedGuest[], seconds: number): string {
  const left = found.flatMap(unproved);
  return `# Proofs of the blocks of programs

Written by \`npm run prove:guests -- --write\`, with ${found[0]?.solver ?? 'no solver'}, ${seconds} seconds for a block. Every block that a
program executed has a status: proved means that its optimised form does what its instructions do, for all registers, all of memory and
all faults. Blocks of integer instructions have no floating-point operation; those that have are proved for any functions in their place.

| Program | Blocks | Proved | Refuted | Unknown | Out of time | Of integer instructions | Proved of these |
| --- | --: | --: | --: | --: | --: | --: | --: |
${found.map(proofRow).join('\n')}

## Not proved

${left.length === 0 ? 'None.' : left.join('\n')}
`;
}

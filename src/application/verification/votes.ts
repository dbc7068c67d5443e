import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { Disassembler } from '../ports/written-oracle.ts';
import { codeAddress } from './world.ts';

/** What the voters say about one encoding, beside what we say. */
export interface Verdict {
  readonly ours: string | undefined;
  /** `disputed`: some voter is with us, and another against. `refuted`: all that vote are against us, and no two differ. */
  readonly kind: 'agreed' | 'known' | 'disputed' | 'refuted';
  /** What those who differ from us say; of a known difference, those whose it is. */
  readonly others: readonly DivergentField[];
}

/** How outcomes begin that name a dispute. */
export const disputed = 'disputed';

const nothing = 'no instruction';

/** Our text, in the spelling of oracles; undefined where there is no instruction. */
export function writtenText(isa: InstructionSet, bytes: Uint8Array): string | undefined {
  const decoded = isa.decode(bytes);
  return typeof decoded === 'string'
    ? undefined
    : isa.disassemble(decoded, codeAddress).replaceAll(', ', ',');
}

/** Asks all voters about all encodings. A voter whose difference is known has no vote there. */
export function holdVotes(
  isa: InstructionSet,
  voters: readonly Disassembler[],
  encodings: readonly Uint8Array[],
): readonly Verdict[] {
  const texts = voters.map((voter) => voter.disassemble(encodings, codeAddress));
  return encodings.map((bytes, index) => {
    const ours = writtenText(isa, bytes);
    const votes = voters.map((voter, at) => ({ voter, theirs: texts[at]![index] }));
    const against = votes.filter(({ theirs }) => !sameText(ours, theirs));
    const [known = [], unknown = []] = ['known', 'unknown'].map((kind) =>
      against.filter(({ voter, theirs }) => isKnown(voter, ours, theirs) === (kind === 'known')),
    );
    const fields = (some: typeof against) =>
      some.map(({ voter, theirs }) => ({
        field: voter.name,
        expected: theirs ?? nothing,
        found: ours ?? nothing,
      }));
    if (unknown.length === 0)
      return { ours, kind: known.length === 0 ? 'agreed' : 'known', others: fields(known) };
    const unanimous =
      votes.length === known.length + unknown.length &&
      unknown.every(({ theirs }) => sameText(theirs, unknown[0]!.theirs));
    return { ours, kind: unanimous ? 'refuted' : 'disputed', others: fields(unknown) };
  });
}

const isKnown = ({ known }: Disassembler, ours: string | undefined, theirs: string | undefined): boolean =>
  known.some(({ covers }) => covers(ours, theirs, ours ?? ''));

const sameText = (a: string | undefined, b: string | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && withDecimals(a) === withDecimals(b));

/** Numbers, which one writes in hexadecimal and another in decimal, alike. */
const withDecimals = (text: string): string =>
  text.replaceAll(/(?<![\w.])0x[0-9a-f]+/g, (number) => String(BigInt(number)));

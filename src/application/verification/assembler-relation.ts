import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { Assembler } from '../ports/written-oracle.ts';
import { hexText } from './case-line.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { drawEncodings } from './generators/encodings.ts';
import type { Random } from './generators/random.ts';
import type { Relation, RowResult } from './relation.ts';
import { simplestEncoding } from './shrink-encoding.ts';
import { writtenText } from './votes.ts';
import { codeAddress } from './world.ts';

/** What an assembler makes of the text of an encoding. */
export interface Answer {
  readonly text: string;
  readonly ours: string;
  readonly theirs: string | undefined;
  readonly kind: 'agreed' | 'known' | 'refuted';
}

/** Asks an assembler about the text of each encoding. */
export function askAssembler(
  isa: InstructionTable,
  assembler: Assembler,
  encodings: readonly Uint8Array[],
): readonly Answer[] {
  const lines = encodings.map((bytes) => ({
    text: writtenText(isa, bytes) ?? '',
    compressed: bytes.length === 2,
  }));
  const found = assembler.assemble(lines, codeAddress);
  return encodings.map((bytes, index) => {
    const { text } = lines[index]!;
    const [ours, other] = [hexText(bytes), found[index]];
    const theirs = other && hexText(other);
    const known = assembler.known.some(({ covers }) => covers(ours, theirs, text));
    return { text, ours, theirs, kind: ours === theirs ? 'agreed' : known ? 'known' : 'refuted' };
  });
}

/** The encoding of an instruction is the one that an independent assembler gives its text. */
export class AssemblerRelation implements Relation {
  readonly #isa: InstructionTable;
  readonly #assembler: Assembler;

  constructor(isa: InstructionTable, assembler: Assembler) {
    this.#isa = isa;
    this.#assembler = assembler;
  }

  verify(row: Row, random: Random, cases: number, coverage: CoverageCounter): RowResult {
    const encodings = drawEncodings(random, this.#isa, row, cases, coverage);
    let knownDifferences = 0;
    for (const [index, { kind }] of askAssembler(this.#isa, this.#assembler, encodings).entries()) {
      coverage.count(row.name, 'an encoding', outcomes[kind]);
      if (kind === 'known') knownDifferences++;
      if (kind === 'refuted')
        return { cases: index + 1, knownDifferences, counterexample: this.#explain(row, encodings[index]!) };
    }
    return { cases: encodings.length, knownDifferences, counterexample: undefined };
  }

  #explain(row: Row, original: Uint8Array): Counterexample {
    const fails = (bytes: Uint8Array): boolean =>
      askAssembler(this.#isa, this.#assembler, [bytes])[0]!.kind === 'refuted';
    const smallest = simplestEncoding(this.#isa, original, fails);
    const { text, ours, theirs } = askAssembler(this.#isa, this.#assembler, [smallest])[0]!;
    return {
      instruction: row.name,
      tested: 'isa',
      original: writtenText(this.#isa, original) ?? '',
      listing: [text],
      case: `[${hexText(smallest, ' ')}] "${text}"`,
      differences: [{ field: `encoding of ${text}`, expected: theirs ?? 'refused', found: ours }],
    };
  }
}

const outcomes = {
  agreed: 'encoded alike',
  known: 'known difference',
  refuted: 'refuted',
} as const;

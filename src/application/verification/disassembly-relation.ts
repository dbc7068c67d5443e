import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { Disassembler } from '../ports/written-oracle.ts';
import { hexText } from './case-line.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { drawEncodings } from './generators/encodings.ts';
import type { Random } from './generators/random.ts';
import type { Relation, RowResult } from './relation.ts';
import { simplestEncoding } from './shrink-encoding.ts';
import { disputed, holdVotes, type Verdict } from './votes.ts';

/** Classes of the coverage map. */
const generated = 'an encoding';
const neighbour = 'with one bit flipped';

/**
 * What an encoding is, and how it is written, is what independent disassemblers say. Where all of them are against us it is a
 * counterexample; where they are not of one mind, the dispute is counted, and shown as an outcome.
 */
export class DisassemblyRelation implements Relation {
  readonly #isa: InstructionTable;
  readonly #voters: readonly Disassembler[];

  constructor(isa: InstructionTable, voters: readonly Disassembler[]) {
    this.#isa = isa;
    this.#voters = voters;
  }

  verify(row: Row, random: Random, cases: number, coverage: CoverageCounter): RowResult {
    const asked = this.#encodings(row, random, cases, coverage);
    const verdicts = holdVotes(
      this.#isa,
      this.#voters,
      asked.map(({ bytes }) => bytes),
    );
    const shown = new Set<string>();
    let knownDifferences = 0;
    for (const [index, verdict] of verdicts.entries()) {
      const { bytes, kind, last } = asked[index]!;
      if (verdict.kind === 'known') knownDifferences++;
      coverage.count(row.name, kind, outcomeText(verdict, shown));
      if (verdict.kind === 'refuted')
        return { cases: last, knownDifferences, counterexample: this.#explain(row, bytes, verdict) };
    }
    return { cases: asked.at(-1)?.last ?? 0, knownDifferences, counterexample: undefined };
  }

  /** Of each case the encoding, and a neighbour where that is as long. `last`: how many cases there are so far. */
  #encodings(row: Row, random: Random, cases: number, coverage: CoverageCounter) {
    return drawEncodings(random, this.#isa, row, cases, coverage).flatMap((bytes, index) => {
      const other = bytes.slice();
      const bit = random.below(8 * bytes.length);
      other[bit >> 3]! ^= 1 << (bit & 7);
      const asked = { bytes, kind: generated, last: index + 1 };
      return announcedLength(other) === bytes.length
        ? [asked, { ...asked, bytes: other, kind: neighbour }]
        : [asked];
    });
  }

  #explain(row: Row, original: Uint8Array, first: Verdict): Counterexample {
    const verdictOn = (bytes: Uint8Array): Verdict => holdVotes(this.#isa, this.#voters, [bytes])[0]!;
    const smallest = simplestEncoding(this.#isa, original, (bytes) => verdictOn(bytes).kind === 'refuted');
    const verdict = smallest === original ? first : verdictOn(smallest);
    const listing = text(smallest, verdict.ours);
    return {
      instruction: row.name,
      tested: 'isa',
      original: text(original, first.ours),
      listing: [listing],
      case: `[${hexText(smallest, ' ')}] "${listing}"`,
      differences: verdict.others,
    };
  }
}

const text = (bytes: Uint8Array, ours: string | undefined): string => ours ?? `.insn 0x${bigEndian(bytes)}`;
const bigEndian = (bytes: Uint8Array): string => hexText(bytes.slice().reverse());

/** In bytes, as RISC-V's low bits say it (unpriv 1.5); longer ones are none of ours. */
function announcedLength(bytes: Uint8Array): number {
  if ((bytes[0]! & 3) !== 3) return 2;
  return (bytes[0]! & 0x1c) === 0x1c ? 6 : 4;
}

/** Of a dispute, the first one of an instruction tells what is said. */
function outcomeText({ kind, ours, others }: Verdict, shown: Set<string>): string {
  if (kind === 'agreed') return ours === undefined ? 'no instruction to any' : 'written alike';
  const names = others.map(({ field }) => field).join(', ');
  if (kind === 'known') return `known difference of ${names}`;
  if (kind === 'refuted') return 'refuted';
  const dispute = `${disputed} by ${names}`;
  if (shown.has(names)) return dispute;
  shown.add(names);
  return `${dispute}: ${ours ?? 'no instruction'} / ${others.map(({ expected }) => expected).join(' / ')}`;
}

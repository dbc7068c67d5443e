import type { Counterexample } from '../../domain/campaign/campaign.ts';
import { assemble, type AssemblyOptions } from '../../domain/isa/assembler.ts';
import { bytesOf } from '../../domain/isa/encoder.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { Fields } from '../../domain/isa/pattern.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import { hexText } from './case-line.ts';
import { differ } from './check-case.ts';
import { listingOf } from './counterexample.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { EncodingAims } from './generators/encoding-aims.ts';
import { anyRules, randomFields } from './generators/instructions.ts';
import type { Random } from './generators/random.ts';
import type { Relation, RowResult } from './relation.ts';
import { codeAddress } from './world.ts';

type Isa = AssemblyOptions['isa'];
type Check = (isa: Isa, row: Row, fields: Fields, word: Uint8Array) => readonly DivergentField[];

/** decode ∘ encode gives the fields back; encode ∘ decode, of the word and of its neighbours, the word. */
const encoding: Check = (isa, row, fields, word) => {
  const decoded = isa.decode(word);
  if (typeof decoded === 'string') return differ('decodes to', row.name, decoded);
  const wrong = [
    ...differ('decodes to', row.name, decoded.name),
    ...Object.entries(fields).flatMap(([name, value]) =>
      differ(`field ${name}`, value, decoded.fields[name] ?? NaN),
    ),
  ];
  if (wrong.length > 0) return wrong;
  for (let bit = 0; bit < 8 * word.length; bit++) {
    const neighbour = word.slice();
    neighbour[bit >> 3]! ^= 1 << (bit & 7);
    const other = isa.decode(neighbour);
    if (typeof other === 'string') continue;
    const encoded = isa.encode(other.name, other.fields);
    const found = encoded.ok ? hexText(bytesOf(encoded.value)) : `refused: ${encoded.error.reason}`;
    const expected = hexText(neighbour.subarray(0, other.length));
    if (found !== expected) return differ(`encoding of ${other.name}`, expected, found);
  }
  return [];
};

/** assemble ∘ disassemble gives the word back. */
const assembly: Check = (isa, row, _, word) => {
  const decoded = isa.decode(word);
  if (typeof decoded === 'string') return differ('decodes to', row.name, decoded);
  const text = isa.disassemble(decoded, codeAddress);
  const assembled = assemble(text, { isa, origin: codeAddress });
  const found = assembled.ok
    ? hexText(assembled.value.bytes)
    : `refused: ${assembled.error[0]?.message ?? ''}`;
  return differ(`assembly of ${text}`, hexText(word), found);
};

const checks = { encoding, assembly } as const;

/** What is claimed of encodings alone: nothing is executed. */
export class EncodingRelation implements Relation {
  readonly #isa: Isa;
  readonly #check: Check;

  constructor(isa: Isa, relation: keyof typeof checks) {
    this.#isa = isa;
    this.#check = checks[relation];
  }

  verify(row: Row, random: Random, cases: number, coverage: CoverageCounter): RowResult {
    const aims = new EncodingAims(row);
    let done = 0;
    for (; done < cases; done++) {
      const fields = randomFields(random, this.#isa, row, anyRules, aims);
      if (!fields) break;
      aims.met(fields);
      coverage.countEncoding({ row, fields });
      const found = this.#failure(row, fields);
      if (found.length === 0) continue;
      return { cases: done + 1, knownDifferences: 0, counterexample: this.#explain(row, fields) };
    }
    return { cases: done, knownDifferences: 0, counterexample: undefined };
  }

  #word(row: Row, fields: Fields): Uint8Array | undefined {
    const encoded = this.#isa.encode(row.name, fields);
    return encoded.ok ? bytesOf(encoded.value) : undefined;
  }

  #failure(row: Row, fields: Fields): readonly DivergentField[] {
    const word = this.#word(row, fields);
    return word === undefined ? [] : this.#check(this.#isa, row, fields, word);
  }

  /** Fields are made zero, or small, as long as the failure stays. */
  #explain(row: Row, fields: Fields): Counterexample {
    let smallest = fields;
    for (const name of Object.keys(fields))
      for (const value of [0, 1, 8]) {
        const candidate = { ...smallest, [name]: value };
        if (this.#failure(row, candidate).length === 0) continue;
        smallest = candidate;
        break;
      }
    const text = (each: Fields) =>
      listingOf(this.#isa, { code: this.#word(row, each)!, slots: new Map() }).join('; ');
    const word = this.#word(row, smallest)!;
    return {
      instruction: row.name,
      tested: 'isa',
      original: text(fields),
      listing: [text(smallest)],
      case: `[${hexText(word, ' ')}] "${text(smallest)}"`,
      differences: this.#check(this.#isa, row, smallest, word),
    };
  }
}

import { describe, expect, test } from '@jest/globals';
import type {
  Assembler,
  Disassembler,
  KnownSpelling,
} from '../../../src/application/ports/written-oracle.ts';
import { AssemblerRelation, askAssembler } from '../../../src/application/verification/assembler-relation.ts';
import { hexText } from '../../../src/application/verification/case-line.ts';
import { CoverageCounter } from '../../../src/application/verification/coverage-counter.ts';
import { DisassemblyRelation } from '../../../src/application/verification/disassembly-relation.ts';
import { drawEncodings } from '../../../src/application/verification/generators/encodings.ts';
import { Random } from '../../../src/application/verification/generators/random.ts';
import type { Relation } from '../../../src/application/verification/relation.ts';
import { disputed, holdVotes, writtenText } from '../../../src/application/verification/votes.ts';
import { codeAddress } from '../../../src/application/verification/world.ts';
import { riscv64 } from '../../../src/domain/isa/riscv64/riscv64.ts';
import { gnuAssembler } from '../../../src/infrastructure/oracle/gnu/gnu-assembler.ts';
import { objdumpDisassembler } from '../../../src/infrastructure/oracle/gnu/objdump-disassembler.ts';
import { llvmDisassembler } from '../../../src/infrastructure/oracle/llvm/llvm-mc-disassembler.ts';

/**
 * Which words are instructions, and how they are written: all 49,152 16-bit words, uniform 32-bit ones, and for every row encodings of every
 * class (and for the voters neighbours by one flipped bit). All rows are asked about at once; campaigns ask row by row.
 * `ISOCHRON_SEED` chooses others; `ISOCHRON_STATES`, how many of each row.
 */
const seed = process.env['ISOCHRON_SEED'] ?? String(Date.now() & 0xffffff);
const perRow = Number(process.env['ISOCHRON_STATES'] ?? 120);
const [objdump, llvm, as] = [objdumpDisassembler(), llvmDisassembler(), gnuAssembler()];

const isThere = (oracle: Disassembler | Assembler): boolean => {
  if (oracle.absent !== undefined) console.log(`skipped: ${oracle.name}, because ${oracle.absent}`);
  return oracle.absent === undefined || process.env['CI'] !== undefined;
};
const voters = [objdump, llvm].filter(isThere);
const assemblers = [as].filter(isThere);
const wordOf = (bits: number): Uint8Array =>
  Uint8Array.from({ length: (bits & 3) === 3 ? 4 : 2 }, (_, at) => (bits >>> (8 * at)) & 0xff);
/** Words whose low bits announce a longer format would put a listing out of step; no row can match them. */
const isOurs = ({ 0: low, length }: Uint8Array): boolean =>
  length === ((low! & 3) === 3 ? 4 : 2) && (low! & 0x1f) !== 0x1f;
const all = riscv64.rows.flatMap((row) =>
  drawEncodings(new Random(seed, row.name), riscv64, row, perRow, new CoverageCounter()),
);

(voters.length > 0 ? describe : describe.skip)('the voters on disassembly', () => {
  const differing = (words: readonly Uint8Array[]) =>
    holdVotes(riscv64, voters, words).flatMap(({ kind, ours, others }, index) =>
      kind === 'refuted' || kind === 'disputed' ? [{ word: hexText(words[index]!), ours, others }] : [],
    );
  const random = new Random(seed, 'words');

  test('agree on every 16-bit word', () => {
    const words = Array.from({ length: 0x10000 }, (_, word) => word).filter((word) => (word & 3) !== 3);
    expect(words).toHaveLength(49_152);
    expect(differing(words.map(wordOf)).slice(0, 20)).toEqual([]);
  });

  test('agree on uniform 32-bit words', () => {
    const words = Array.from({ length: 40_000 }, () => wordOf((random.next() | 3) >>> 0)).filter(isOurs);
    expect({ seed, found: differing(words).slice(0, 20) }).toEqual({ seed, found: [] });
  });

  test('agree on encodings of every class, and on their neighbours', () => {
    const words = all.flatMap((word) => {
      const other = word.slice();
      const bit = random.below(8 * word.length);
      other[bit >> 3]! ^= 1 << (bit & 7);
      return [word, other];
    });
    expect({ seed, found: differing(words.filter(isOurs)).slice(0, 20) }).toEqual({ seed, found: [] });
  });

  test('hold campaigns, and say what agreed', () => {
    const { coverage, results } = tryAll(new DisassemblyRelation(riscv64, voters));
    expect(results.flatMap((each) => each.counterexample ?? [])).toEqual([]);
    expect(coverage['jal']?.['an encoding']).toEqual({ 'written alike': 40 });
    const outcomes = Object.values(coverage)
      .flatMap((kinds) => Object.values(kinds))
      .flatMap(Object.keys);
    expect(outcomes.filter((outcome: string) => outcome.startsWith(disputed))).toEqual([]);
  });
});

(assemblers.length > 0 ? describe : describe.skip)('GNU as', () => {
  test('encodes every class of encodings alike', () => {
    const refuted = askAssembler(riscv64, as, all).filter(({ kind }) => kind === 'refuted');
    expect({ seed, refuted: refuted.slice(0, 20) }).toEqual({ seed, refuted: [] });
  });

  test('holds campaigns, and says what agreed', () => {
    const { coverage, results } = tryAll(new AssemblerRelation(riscv64, as));
    expect(results.flatMap((each) => each.counterexample ?? [])).toEqual([]);
    expect(coverage['jal']?.['an encoding']).toEqual({ 'encoded alike': 40 });
  });
});

function tryAll(relation: Relation) {
  const coverage = new CoverageCounter();
  const results = ['jal', 'fence', 'fadd.d', 'csrrw', 'c.lui', 'czero.eqz'].map((name) =>
    relation.verify(riscv64.row(name)!, new Random(seed, name), 40, coverage),
  );
  return { coverage: coverage.coverage, results };
}

describe('a known difference', () => {
  const shown = (
    known: readonly KnownSpelling[],
    name: string,
    seen: readonly string[],
    still: boolean[],
  ) => {
    const gone = known.filter((_, index) => !still[index]).map(({ why }) => why);
    if (seen.includes(name)) expect(gone).toEqual([]);
    else console.log(`${name} has repaired ${gone.length} of ${known.length} known differences`);
  };

  test.each(voters)('of $name shows wherever the list says so', (voter) => {
    const still = voter.known.map(({ covers, examples }) => {
      const words = examples.map(wordOf);
      const theirs = voter.disassemble(words, codeAddress);
      return words.every((word, index) => {
        const ours = writtenText(riscv64, word);
        return ours !== theirs[index] && covers(ours, theirs[index], ours ?? '');
      });
    });
    shown(voter.known, voter.name, voter.knownFor, still);
  });

  test.each(assemblers)('of $name shows wherever the list says so', (assembler) => {
    const still = assembler.known.map(({ covers, examples }) =>
      examples.map(wordOf).every((word) => {
        const text = writtenText(riscv64, word)!;
        const [found] = assembler.assemble([{ text, compressed: word.length === 2 }], codeAddress);
        const theirs = found && hexText(found);
        return theirs !== hexText(word) && covers(hexText(word), theirs, text);
      }),
    );
    shown(assembler.known, assembler.name, assembler.knownFor, still);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { riscv64 } from '../../../src/domain/isa/riscv64/riscv64.ts';
import { randomNumbers, randomWordOf } from './random-words.ts';
import { differences } from './objdump-differences.ts';

/**
 * GNU objdump as a second opinion on which words are instructions and how they are written. All 49,152 16-bit
 * words; and 32-bit words: uniform ones, some of every row, and neighbours of those by one flipped bit.
 */
const architecture = 'rv64gc_zba_zbb_zbs';
const objdump = 'riscv64-linux-gnu-objdump';
const missing = ['riscv64-linux-gnu-as', 'riscv64-linux-gnu-objcopy', objdump].filter(
  (tool) => spawnSync(tool, ['--version']).status !== 0,
);

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'isochron-objdump-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** objdump's text of each word, laid out at consecutive addresses; undefined where it shows data. */
function objdumpText(words: readonly number[], size: 2 | 4): (string | undefined)[] {
  const bytes = Buffer.alloc(words.length * size);
  words.forEach((word, index) => bytes.writeUIntLE(word, index * size, size));
  const path = (name: string) => join(folder, name);
  writeFileSync(path('nop.s'), 'nop\n');
  writeFileSync(path('words.bin'), bytes);
  // An object file tells objdump the extensions; a bare binary is taken as rv64gc.
  execFileSync('riscv64-linux-gnu-as', [`-march=${architecture}`, path('nop.s'), '-o', path('nop.o')]);
  const update = `.text=${path('words.bin')}`;
  execFileSync('riscv64-linux-gnu-objcopy', ['--update-section', update, path('nop.o'), path('words.o')]);
  const listing = spawnSync(objdump, ['-d', '-z', '-M', 'no-aliases', path('words.o')], {
    maxBuffer: 2 ** 28,
  });
  const texts: (string | undefined)[] = new Array<undefined>(words.length);
  for (const line of listing.stdout.toString().split('\n')) {
    const match = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t([^\t#<]+)\t?([^#<]*)/.exec(line);
    if (!match) continue;
    const text = `${match[2]!.trim()} ${match[3]!.trim()}`.trim();
    if (!/^\.|^c\.unimp/.test(text)) texts[parseInt(match[1]!, 16) / size] = text;
  }
  return texts;
}

/** Our text, written objdump's way. */
function ourText(word: number, size: 2 | 4, address: number): string | undefined {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(word, 0, size);
  const decoded = riscv64.decode(bytes);
  if (typeof decoded === 'string') return undefined;
  return riscv64
    .disassemble(decoded, BigInt(address))
    .replaceAll(', ', ',')
    .replace(/,0x([0-9a-f]+)$/, (all, target: string) => (isRelative(decoded.name) ? `,${target}` : all))
    .replace(/^c\.j 0x/, 'c.j ');
}

const isRelative = (name: string): boolean => riscv64.row(name)!.asm.includes('{pc+');

interface Disagreement {
  readonly word: string;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

function disagreements(words: readonly number[], size: 2 | 4): Disagreement[] {
  const theirs = objdumpText(words, size);
  return words.flatMap((word, index) => {
    const ours = ourText(word, size, index * size);
    const text = theirs[index];
    if (ours === text || differences.some(({ covers }) => covers(ours, text, word))) return [];
    return [{ word: word.toString(16), ours, theirs: text }];
  });
}

const available = missing.length === 0 || process.env['CI'] !== undefined;
if (!available) console.log(`skipped: objdump comparison, for there is no ${missing.join(', ')}`);

(available ? describe : describe.skip)('GNU objdump', () => {
  test('agrees on every 16-bit word', () => {
    const words = Array.from({ length: 0x10000 }, (_, word) => word).filter((word) => (word & 3) !== 3);
    expect(disagreements(words, 2).slice(0, 20)).toEqual([]);
    console.log(`objdump: ${words.length} 16-bit words compared`);
  });

  test('agrees on random 32-bit words', () => {
    const seed = Number(process.env['ISOCHRON_SEED'] ?? Date.now() & 0xffffff);
    const random = randomNumbers(seed);
    const rows = riscv64.rows.filter((row) => row.encoding.width === 32);
    const legal = rows.flatMap((row) => Array.from({ length: 120 }, () => randomWordOf(row, random)));
    const flipped = legal.map((word) => (word ^ (1 << (2 + (random() % 30)))) >>> 0);
    const uniform = Array.from({ length: 40_000 }, () => (random() | 3) >>> 0);
    // Words whose low bits announce a longer format would put objdump out of step; no row can match them.
    const words = [...legal, ...flipped, ...uniform].filter((word) => (word & 0x1c) !== 0x1c);
    const found = disagreements(words, 4);
    expect({ seed, found: found.slice(0, 20) }).toEqual({ seed, found: [] });
    console.log(`objdump: ${words.length} 32-bit words compared (seed ${seed})`);
  });

  test('still differs wherever the list of differences says so', () => {
    for (const { why, covers, examples } of differences)
      for (const word of examples) {
        const size = (word & 3) === 3 ? 4 : 2;
        const [theirs] = objdumpText([word], size);
        const ours = ourText(word, size, 0);
        expect({ why, differs: ours !== theirs && covers(ours, theirs, word) }).toEqual({
          why,
          differs: true,
        });
      }
  });
});

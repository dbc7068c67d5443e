import type { Row } from './instruction.ts';
import { matches } from './pattern.ts';
import { commonWord } from './overlap.ts';

/** A branch looks at `(word >>> shift) & mask`; a leaf lists the rows that are left (usually one). */
type DecodeNode =
  | { readonly shift: number; readonly mask: number; readonly children: readonly (DecodeNode | undefined)[] }
  | { readonly rows: readonly Row[] };

/** Finds a word's row. */
export type DecodeTree = (word: number) => Row | undefined;

const widestBranch = 8;

/**
 * Builds a decoder for rows of one width: each branch looks at the longest run of bits that is literal in every
 * row left. Law: no order among rows; two rows that share a word, which are left at the same leaf, are an error that names both.
 */
export function buildDecodeTree(rows: readonly Row[]): DecodeTree {
  const root = grow(rows, 0);
  return (word) => {
    let node = root;
    while ('children' in node) {
      const child = node.children[(word >>> node.shift) & node.mask];
      if (!child) return undefined;
      node = child;
    }
    return node.rows.find((row) => matches(row.encoding, word));
  };
}

function leaf(rows: readonly Row[]): DecodeNode {
  for (const [index, row] of rows.entries())
    for (const other of rows.slice(0, index)) {
      const word = commonWord(row.encoding, other.encoding);
      if (word !== undefined)
        throw new TypeError(
          `instructions ${other.name} and ${row.name} overlap: both match 0x${word.toString(16)}`,
        );
    }
  return { rows };
}

function grow(rows: readonly Row[], seen: number): DecodeNode {
  const common = rows.reduce((bits, row) => bits & row.encoding.mask, ~seen);
  if (rows.length <= 1 || common === 0) return leaf(rows);
  const { shift, width } = longestRun(common >>> 0);
  const mask = 2 ** width - 1;
  const groups: Row[][] = [];
  for (const row of rows) (groups[(row.encoding.match >>> shift) & mask] ??= []).push(row);
  const children: (DecodeNode | undefined)[] = [];
  for (let value = 0; value <= mask; value++) {
    const group = groups[value];
    children.push(group && grow(group, seen | (mask << shift)));
  }
  return { shift, mask, children };
}

function longestRun(bits: number): { shift: number; width: number } {
  let best = { shift: 0, width: 0 };
  for (let shift = 0; shift < 32; shift++) {
    let width = 0;
    while (width < widestBranch && shift + width < 32 && (bits >>> (shift + width)) & 1) width++;
    if (width > best.width) best = { shift, width };
  }
  return best;
}

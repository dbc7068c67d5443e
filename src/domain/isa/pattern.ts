/**
 * The encoding patterns of fixed-width ISAs, in the manual's notation, most significant bit first:
 *
 *     0000000 rs2:5 rs1:5 000 rd:5 0110011              literal bits, and fields with their width
 *     simm[12|10:5] rs2:5 rs1:5 000 simm[4:1|11] 1100011  a field scattered over pieces; bits not named are zero
 *     011 nzimm[17] rd:5!2 nzimm[16:12] 01              `!2,3`: values (as written, before any bias) it may not have
 *
 * A field's name says how it decodes: `simm…` is two's complement; `nz…` must not be zero; a three-bit register
 * that ends in `c` (`rdc`, `rs1c`, `fs2c`) names registers 8…15 and decodes to that number. Laws: every bit of the
 * word belongs to exactly one literal or field; a word matches iff (word & mask) = match and it meets no exclusion.
 */

type Tokens<P extends string> = P extends `${infer Head} ${infer Tail}` ? Head | Tokens<Tail> : P;
type NameOf<T extends string> = T extends `${infer N}[${string}`
  ? N
  : T extends `${infer N}:${string}`
    ? N
    : never;

type Bit = '0' | '1';
/** Literal bits that a row's maker may put into a pattern. */
export type Bits2 = `${Bit}${Bit}`;
export type Bits3 = `${Bits2}${Bit}`;
export type Bits5 = `${Bits3}${Bits2}`;
export type Bits6 = `${Bits3}${Bits3}`;
export type Bits7 = `${Bits5}${Bits2}`;

/** The fields that a pattern names, as its decoder gives them. */
export type FieldsOf<P extends string> = { readonly [Name in NameOf<Tokens<P>>]: number };
export type Fields = Readonly<Record<string, number>>;

/** Bits `field … field + width − 1` of the field's value lie at `word …` of the encoding. */
export interface Piece {
  readonly word: number;
  readonly field: number;
  readonly width: number;
}

export interface BitField {
  readonly name: string;
  /** Of the value: one more than its highest bit. Bits that no piece holds are zero. */
  readonly width: number;
  readonly pieces: readonly Piece[];
  readonly signed: boolean;
  /** Added to the raw value: 8 for three-bit registers. */
  readonly bias: number;
  /** Raw values that the encoding excludes. */
  readonly forbidden: readonly number[];
}

/** Words with (word & mask) = match are not of this encoding. */
export interface Exclusion {
  readonly mask: number;
  readonly match: number;
}

/** An encoding as bit fields. `mask` has the literal bits, `match` their values (both unsigned 32-bit). */
export interface BitPattern {
  readonly kind: 'bits';
  /** In bits: 16 or 32. */
  readonly width: number;
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly BitField[];
  readonly exclusions: readonly Exclusion[];
}

const tokenForm =
  /^(?<literal>[01]+)$|^(?<name>[a-z][a-z0-9]*)(?::(?<width>\d+)|\[(?<bits>[\d:|]+)\])(?:!(?<not>[\d,]+))?$/;

const ones = (width: number): number => (width >= 32 ? 0xffffffff : 2 ** width - 1);

/** Parses a pattern; `except` lists patterns (of the same width) whose words are excluded. Throws TypeError, naming the fault. */
export function parsePattern(text: string, except: readonly string[] = []): BitPattern {
  const drafts = new Map<string, { pieces: Piece[]; forbidden: number[] }>();
  let mask = 0;
  let match = 0;
  let left = totalWidth(text);
  const width = left;
  for (const { literal, name, ranges, forbidden } of tokensOf(text)) {
    if (literal !== undefined) {
      left -= literal.length;
      mask += ones(literal.length) * 2 ** left;
      match += parseInt(literal, 2) * 2 ** left;
      continue;
    }
    const draft = drafts.get(name) ?? { pieces: [], forbidden: [] };
    drafts.set(name, draft);
    draft.forbidden.push(...forbidden);
    for (const [high, low] of ranges) {
      left -= high - low + 1;
      draft.pieces.push({ word: left, field: low, width: high - low + 1 });
    }
  }
  const fields = [...drafts].map(([name, draft]) => fieldOf(text, name, draft));
  const exclusions = fields.flatMap((field) => field.forbidden.map((raw) => exclusionOf(field, raw)));
  for (const other of except) {
    const excluded = parsePattern(other);
    if (excluded.width !== width) throw new TypeError(`pattern '${other}' is not ${width} bits wide`);
    exclusions.push({ mask: excluded.mask, match: excluded.match });
  }
  return { kind: 'bits', width, mask, match, fields, exclusions };
}

interface Token {
  readonly literal: string | undefined;
  readonly name: string;
  /** High and low bit of each piece. */
  readonly ranges: readonly (readonly [high: number, low: number])[];
  readonly forbidden: readonly number[];
}

function tokensOf(text: string): Token[] {
  return text.split(' ').map((token) => {
    const groups = tokenForm.exec(token)?.groups;
    if (!groups) throw new TypeError(`pattern '${text}': cannot read '${token}'`);
    const ranges =
      groups['width'] === undefined
        ? (groups['bits'] ?? '').split('|').map((range) => {
            const [high, low = high] = range.split(':').map(Number);
            return [high!, low!] as const;
          })
        : [[Number(groups['width']) - 1, 0] as const];
    return {
      literal: groups['literal'],
      name: groups['name'] ?? '',
      ranges,
      forbidden: groups['not']?.split(',').map(Number) ?? [],
    };
  });
}

function totalWidth(text: string): number {
  let width = 0;
  for (const { literal, ranges } of tokensOf(text))
    width += literal?.length ?? ranges.reduce((sum, [high, low]) => sum + high - low + 1, 0);
  if (width !== 16 && width !== 32) throw new TypeError(`pattern '${text}' has ${width} bits, not 16 or 32`);
  return width;
}

function fieldOf(
  text: string,
  name: string,
  { pieces, forbidden }: { readonly pieces: readonly Piece[]; readonly forbidden: readonly number[] },
): BitField {
  let covered = 0;
  for (const piece of pieces) {
    const bits = (ones(piece.width) << piece.field) >>> 0;
    if (piece.width < 1 || (covered & bits) !== 0)
      throw new TypeError(`pattern '${text}': '${name}' has a bit twice, or its bits in the wrong order`);
    covered = (covered | bits) >>> 0;
  }
  return {
    name,
    width: 32 - Math.clz32(covered),
    pieces,
    signed: /^(nz)?simm/.test(name),
    bias: /^[rf](d|s\d)c$/.test(name) && covered === 7 ? 8 : 0,
    forbidden: name.startsWith('nz') ? [0, ...forbidden] : forbidden,
  };
}

function exclusionOf(field: BitField, raw: number): Exclusion {
  const mask = field.pieces.reduce((sum, piece) => sum + ones(piece.width) * 2 ** piece.word, 0);
  return { mask, match: scatter(field, raw) };
}

/** Puts a raw value's bits where the word has them. */
export function scatter(field: BitField, raw: number): number {
  let word = 0;
  for (const piece of field.pieces) word |= ((raw >>> piece.field) & ones(piece.width)) << piece.word;
  return word >>> 0;
}

/** The field's value in a word. */
export function extractField(field: BitField, word: number): number {
  let raw = 0;
  for (const piece of field.pieces) raw |= ((word >>> piece.word) & ones(piece.width)) << piece.field;
  if (field.signed) return (raw << (32 - field.width)) >> (32 - field.width);
  return (raw >>> 0) + field.bias;
}

/** Whether a word is of this encoding. */
export function matches(pattern: BitPattern, word: number): boolean {
  if ((word & pattern.mask) >>> 0 !== pattern.match) return false;
  for (const { mask, match } of pattern.exclusions) if ((word & mask) >>> 0 === match) return false;
  return true;
}

import type { FieldSyntax, SyntaxOf } from '../assembly-template.ts';
import { csrNames } from './csr-names.ts';

/** How RISC-V operands are written: ABI names are printed, numeric names read too (RISC-V assembly manual). */

// prettier-ignore
export const integerNames = [
  'zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5',
  'a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6',
] as const;

// prettier-ignore
export const floatNames = [
  'ft0', 'ft1', 'ft2', 'ft3', 'ft4', 'ft5', 'ft6', 'ft7', 'fs0', 'fs1', 'fa0', 'fa1', 'fa2', 'fa3', 'fa4', 'fa5',
  'fa6', 'fa7', 'fs2', 'fs3', 'fs4', 'fs5', 'fs6', 'fs7', 'fs8', 'fs9', 'fs10', 'fs11', 'ft8', 'ft9', 'ft10', 'ft11',
] as const;

function named(
  what: string,
  names: ReadonlyMap<string, number>,
  extra: Partial<FieldSyntax> = {},
): FieldSyntax {
  const printed = new Map<number, string>();
  for (const [name, value] of names) if (!printed.has(value)) printed.set(value, name);
  return {
    what,
    print: (value) => printed.get(value) ?? `0x${value.toString(16)}`,
    parse: (text) => names.get(text.toLowerCase()),
    expression: false,
    ...extra,
  };
}

const numbered = (names: readonly string[], prefix: string): Map<string, number> =>
  new Map([...names, ...names.map((_, n) => `${prefix}${n}`)].map((name, n) => [name, n % names.length]));

const number = (
  what: string,
  print: (value: number) => string,
  scale?: (value: bigint) => bigint,
): FieldSyntax => ({
  what,
  print,
  parse: () => undefined,
  expression: true,
  ...(scale && { scale }),
});

const integerRegister = named('an integer register', numbered(integerNames, 'x').set('fp', 8));
const floatRegister = named('a floating-point register', numbered(floatNames, 'f'));
const decimal = number('a number', String);
const hexadecimal = number('a number', (value) => `0x${value.toString(16)}`);

/** The twenty bits that lui and c.lui load: written without their twelve zeros, negative ones as 0xfffxx. */
const upper = number(
  'a 20-bit number',
  (value) => `0x${((value >> 12) & 0xfffff).toString(16)}`,
  (value) => (value >= 0x80000n ? value - 0x100000n : value) << 12n,
);

/** Rounding modes (unpriv 20.2); `omitted` is understood where none is written. */
const roundingModes = (omitted: number) =>
  named(
    'a rounding mode (rne, rtz, rdn, rup, rmm, dyn)',
    new Map([
      ['rne', 0],
      ['rtz', 1],
      ['rdn', 2],
      ['rup', 3],
      ['rmm', 4],
      ['dyn', 7],
    ]),
    { omitted },
  );

/** Predecessor and successor sets of a fence (unpriv 2.7). */
const fenceSets = named(
  'a set of i, o, r, w',
  new Map(
    Array.from({ length: 16 }, (_, set) => [
      ['i', 'o', 'r', 'w'].filter((_, bit) => (set >> (3 - bit)) & 1).join('') || '0',
      set,
    ]),
  ),
);

/** The ordering suffix of an atomic (unpriv 14.1). */
const ordering = named(
  'an ordering',
  new Map([
    ['', 0],
    ['.rl', 1],
    ['.aq', 2],
    ['.aqrl', 3],
  ]),
  { suffixes: [0, 1, 2, 3] },
);

const csr = named('a CSR', new Map(csrNames.map(([name, address]) => [name, address])), { expression: true });

const bySyntaxName: Readonly<Record<string, FieldSyntax>> = {
  hex: hexadecimal,
  decimal,
  upper,
  rm: roundingModes(7),
  /** Of a conversion that is always exact: assemblers write rne. */
  exactRm: roundingModes(0),
  pred: fenceSets,
  succ: fenceSets,
  aqrl: ordering,
  csr,
};

/** The syntax of a field by its name: `rd`, `rs2c` integer, `fd`, `fs1` floating-point, `…imm`, `shamt` numbers. */
export const syntaxOf: SyntaxOf = (name) => {
  const known = bySyntaxName[name];
  if (known) return known;
  if (/^r(d|s\d)c?$/.test(name)) return integerRegister;
  if (/^f(d|s\d)c?$/.test(name)) return floatRegister;
  if (/imm$|^nz?shamt$|shamt$|^fm$/.test(name)) return decimal;
  throw new TypeError(`no operand syntax for a field named ${name}`);
};

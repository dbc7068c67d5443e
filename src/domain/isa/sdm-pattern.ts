/**
 * Encodings in the opcode notation of the Intel SDM (volume 2, 3.1.1.1), for an ISA of variable length:
 *
 *     REX.W 01 /r        81 /0 id        0F AF /r        B8+rd io        F3 0F 58 /r        VEX.128.66.0F.WIG 58 /r
 *
 * `/r` is a ModRM byte with a register and a register-or-memory operand, `/0`…`/7` one whose reg bits extend the opcode,
 * `+rb +rw +rd +ro` a register in the opcode's low bits, `ib iw id io` an immediate, `cb cw cd` a relative target.
 * Mandatory prefixes come first; NP is none at all, NFx neither F2 nor F3. `REX.W + 01` and `B8+ rd` are read too.
 */
type Tokens<P extends string> = P extends `${infer Head} ${infer Tail}` ? Head | Tokens<Tail> : P;
type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7';
type Size = 'b' | 'w' | 'd' | 'o';
type OperandOf<T extends string> = T extends '/r'
  ? 'reg' | 'rm'
  : T extends `/${Digit}`
    ? 'rm'
    : T extends `r${Size}` | `${string}+r${Size}`
      ? 'reg'
      : T extends `i${Size}`
        ? 'imm'
        : T extends 'cb' | 'cw' | 'cd'
          ? 'rel'
          : T extends 'is4'
            ? 'is4'
            : T extends `VEX.${string}`
              ? 'vvvv'
              : never;

/** The operands that an opcode's notation has room for. */
export type SdmOperandsOf<P extends string> = OperandOf<Tokens<P>>;
export type SdmOperand = 'reg' | 'rm' | 'imm' | 'rel' | 'is4' | 'vvvv';

/** The opcode map: the escape bytes before the opcode byte. */
export type OpcodeMap = 'one-byte' | '0F' | '0F38' | '0F3A';

export interface VexPrefix {
  /** Vector length: 0 for 128 (and LZ), 1 for 256, undefined where ignored (LIG). */
  readonly length: 0 | 1 | undefined;
  /** REX.W's counterpart; undefined where ignored (WIG). */
  readonly w: 0 | 1 | undefined;
}

export interface SdmPattern {
  readonly kind: 'sdm';
  /** The mandatory prefix byte; `none`: NP, `not-repeat`: NFx; undefined: prefixes keep their usual meaning. */
  readonly prefix: 0x66 | 0xf2 | 0xf3 | 'none' | 'not-repeat' | undefined;
  /** `w`: REX.W must be set; `any`: a REX prefix must be there; undefined: nothing is demanded. */
  readonly rex: 'w' | 'any' | undefined;
  readonly vex: VexPrefix | undefined;
  readonly map: OpcodeMap;
  readonly opcode: number;
  /** The register operand in the opcode's low three bits, by its width in bits. */
  readonly opcodeRegister: 8 | 16 | 32 | 64 | undefined;
  /** `register`: /r; a number: /digit. */
  readonly modrm: 'register' | number | undefined;
  /** Bytes of each immediate, in order (enter has two). */
  readonly immediates: readonly (1 | 2 | 4 | 8)[];
  /** Bytes of the relative target. */
  readonly relative: 1 | 2 | 4 | undefined;
  readonly operands: readonly SdmOperand[];
}

const bytes = { b: 1, w: 2, d: 4, o: 8 } as const;
type SizeLetter = keyof typeof bytes;
const mandatory = {
  NP: 'none',
  NFx: 'not-repeat',
  '66': 0x66,
  F2: 0xf2,
  F3: 0xf3,
} as const;

/** Parses opcode notation. Throws TypeError, naming the token that it cannot place. */
export function parseSdmPattern(text: string): SdmPattern {
  const tokens = text
    .replace(/([0-9A-F]{2})\+ (?=r[bwdo]\b)/g, '$1+')
    .split(' ')
    .filter((token) => token !== '+');
  const refuse = (token: string | undefined): never => {
    throw new TypeError(
      `opcode '${text}': ${token === undefined ? 'no opcode byte' : `cannot place ${token}`}`,
    );
  };
  let at = 0;
  const take = <T>(read: (token: string) => T | undefined): T | undefined => {
    const found = at < tokens.length ? read(tokens[at]!) : undefined;
    if (found !== undefined) at++;
    return found;
  };
  // A lone 66, F2 or F3 before an escape or opcode is a prefix; as the last byte it would be the opcode itself.
  const prefix = take((token) =>
    /^(REX|VEX|[0-9A-F]{2})/.test(tokens[at + 1] ?? '') && Object.hasOwn(mandatory, token)
      ? mandatory[token as keyof typeof mandatory]
      : undefined,
  );
  const vex = take(parseVex);
  const rex = take((token) => (token === 'REX.W' ? 'w' : token === 'REX' ? 'any' : undefined));
  const escape = vex
    ? vex.map
    : (take((token) => (token === '0F' && tokens[at + 1] ? '0F' : undefined)) ?? 'one-byte');
  const map =
    escape === '0F' && !vex
      ? (take((token) => (token === '38' ? '0F38' : token === '3A' ? '0F3A' : undefined)) ?? '0F')
      : escape;
  const opcode = take((token) => /^([0-9A-F]{2})(?:\+r([bwdo]))?$/.exec(token)?.slice(1));
  if (!opcode) return refuse(tokens[at]);
  const register = opcode[1] as SizeLetter | undefined;
  const modrm = take((token) =>
    token === '/r' ? 'register' : /^\/[0-7]$/.test(token) ? Number(token[1]) : undefined,
  );
  const immediates: (1 | 2 | 4 | 8)[] = [];
  for (let size; (size = take((token) => /^i([bwdo])$/.exec(token)?.[1])) !== undefined;)
    immediates.push(bytes[size as SizeLetter]);
  const relative = take((token) => /^c([bwd])$/.exec(token)?.[1]) as Exclude<SizeLetter, 'o'> | undefined;
  const selector = take((token) => (token === 'is4' ? true : undefined));
  if (at < tokens.length) return refuse(tokens[at]);
  const operands: SdmOperand[] = [
    ...(modrm === 'register' || register ? ['reg' as const] : []),
    ...(modrm === undefined ? [] : ['rm' as const]),
    ...(vex ? ['vvvv' as const] : []),
    ...(immediates.length > 0 ? ['imm' as const] : []),
    ...(relative ? ['rel' as const] : []),
    ...(selector ? ['is4' as const] : []),
  ];
  return {
    kind: 'sdm',
    prefix: vex ? vex.prefix : prefix,
    rex,
    vex: vex && { length: vex.length, w: vex.w },
    map,
    opcode: parseInt(opcode[0]!, 16),
    opcodeRegister: register && ((bytes[register] * 8) as 8 | 16 | 32 | 64),
    modrm,
    immediates,
    relative: relative && bytes[relative],
    operands,
  };
}

type ParsedVex = VexPrefix & { readonly prefix: SdmPattern['prefix']; readonly map: OpcodeMap };

/** `VEX.128.66.0F38.W1`: length, prefix (may be missing), map, W. */
function parseVex(token: string): ParsedVex | undefined {
  const match = /^VEX\.(128|256|LIG|LZ|L0|L1)(?:\.(66|F2|F3|NP))?\.(0F|0F38|0F3A)\.(W0|W1|WIG)$/.exec(token);
  if (!match) return undefined;
  const [, length, prefix, map, w] = match;
  return {
    length: length === 'LIG' ? undefined : length === '256' || length === 'L1' ? 1 : 0,
    prefix: prefix === undefined ? 'none' : mandatory[prefix as keyof typeof mandatory],
    map: map as OpcodeMap,
    w: w === 'WIG' ? undefined : w === 'W1' ? 1 : 0,
  };
}

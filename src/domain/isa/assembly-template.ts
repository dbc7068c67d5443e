import type { Fields } from './pattern.ts';

/**
 * The assembly side of a row, printed and parsed from one text such as `amoadd.w{aqrl} {rd}, {rs2}, ({rs1})`.
 *
 *     {rd}         a field, in the syntax that the ISA gives to fields of that name
 *     {simm|hex}   a field in a named syntax
 *     {pc+simm}    an address: the instruction's own plus the field
 *     {,rm}        a last operand that is left out, comma and all, when it has its default value
 *
 * What stands before the first space is the mnemonic; holes in it are suffixes.
 */
export interface FieldSyntax {
  /** For messages: `an integer register`. */
  readonly what: string;
  print(value: number): string;
  /** Reads what `print` writes and its synonyms; undefined when the text is something else. */
  parse(text: string): number | undefined;
  /** Whether the operand may also be a number or an expression; `scale` turns its value into the field's. */
  readonly expression: boolean;
  readonly scale?: (value: bigint) => bigint;
  /** The value of an optional operand that is left out. */
  readonly omitted?: number;
  /** For a suffix of the mnemonic: every value it may have. */
  readonly suffixes?: readonly number[];
}

/** Chooses the syntax of a field by its name, or by the name after `|`. Throws for an unknown one. */
export type SyntaxOf = (name: string) => FieldSyntax;

export interface Hole {
  readonly field: string;
  readonly syntax: FieldSyntax;
  readonly relative: boolean;
}

/** One comma-separated operand: text and holes in turn. */
export interface OperandTemplate {
  readonly parts: readonly (string | Hole)[];
  readonly optional: boolean;
}

export interface AssemblyTemplate {
  readonly mnemonic: readonly (string | Hole)[];
  readonly operands: readonly OperandTemplate[];
}

/** Parses a row's `asm`. Throws TypeError when a hole names none of `fields`. */
export function parseTemplate(text: string, fields: readonly string[], syntaxOf: SyntaxOf): AssemblyTemplate {
  const partsOf = (part: string) =>
    part
      .split(/(\{[^}]*\})/)
      .filter((piece) => piece !== '')
      .map((piece) => (piece.startsWith('{') ? holeOf(piece) : piece));
  const holeOf = (piece: string): Hole => {
    const groups = /^\{(?<pc>pc\+)?(?<field>\w+)(?:\|(?<syntax>\w+))?\}$/.exec(piece)?.groups;
    const field = groups?.['field'];
    if (!groups || field === undefined || !fields.includes(field))
      throw new TypeError(`'${text}': ${piece} is none of the fields ${fields.join(', ')}`);
    return { field, syntax: syntaxOf(groups['syntax'] ?? field), relative: groups['pc'] !== undefined };
  };
  const space = text.indexOf(' ');
  const head = space < 0 ? text : text.slice(0, space);
  const rest = space < 0 ? '' : text.slice(space + 1).replace(/\{,/g, ', {?');
  return {
    mnemonic: partsOf(head),
    operands: (rest === '' ? [] : rest.split(/,\s*/)).map((operand) => {
      const optional = operand.startsWith('{?');
      return { optional, parts: partsOf(optional ? `{${operand.slice(2)}` : operand) };
    }),
  };
}

/** Assembly text; `address` is the instruction's own. */
export function printTemplate(template: AssemblyTemplate, fields: Fields, address: bigint): string {
  const print = (part: string | Hole): string => {
    if (typeof part === 'string') return part;
    const value = fields[part.field]!;
    if (!part.relative) return part.syntax.print(value);
    return `0x${BigInt.asUintN(64, address + BigInt(value)).toString(16)}`;
  };
  const operands = template.operands
    .filter(({ optional, parts }) => !(optional && isOmitted(parts, fields)))
    .map(({ parts }) => parts.map(print).join(''));
  const mnemonic = template.mnemonic.map(print).join('');
  return operands.length === 0 ? mnemonic : `${mnemonic} ${operands.join(', ')}`;
}

const isOmitted = (parts: readonly (string | Hole)[], fields: Fields): boolean =>
  parts.every((part) => typeof part !== 'string' && fields[part.field] === part.syntax.omitted);

/** Every spelling of the mnemonic, with the fields that the spelling fixes. */
export function spellings(template: AssemblyTemplate): readonly (readonly [string, Fields])[] {
  let found: [string, Fields][] = [['', {}]];
  for (const part of template.mnemonic)
    found = found.flatMap(([text, fields]): [string, Fields][] =>
      typeof part === 'string'
        ? [[text + part, fields]]
        : (part.syntax.suffixes ?? []).map((value) => [
            text + part.syntax.print(value),
            { ...fields, [part.field]: value },
          ]),
    );
  return found;
}

/**
 * Assembly text, cut into statements: comments (`#`, `//`, `/* … *​/`) blanked, labels and comma-separated operands
 * split off. Lines and columns count from 1 and are those of the source as given.
 */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Operand extends Place {
  readonly text: string;
}

export interface Statement extends Place {
  readonly labels: readonly Operand[];
  /** The mnemonic or directive, in lower case; empty for a label alone. */
  readonly head: string;
  readonly operands: readonly Operand[];
}

/** What is wrong with a statement: what, where, and what to do. */
export interface AssemblyError extends Place {
  readonly message: string;
}

/** Carries an {@link AssemblyError} out of nested parsing; `assemble` turns it into a refusal. */
export class SourceFault extends Error {
  readonly code = 'assembly-source';
  readonly context: Place;

  constructor(place: Place, message: string) {
    super(message);
    this.context = { line: place.line, column: place.column };
  }
}

/** Splits a whole source. Throws SourceFault for an unterminated comment or string. */
export function statementsOf(source: string): Statement[] {
  return blankComments(source)
    .split('\n')
    .flatMap((text, index) =>
      split(text, ';', { line: index + 1, column: 1 })
        .filter((part) => part.text !== '')
        .map(statementOf),
    );
}

function statementOf(part: Operand): Statement {
  const labels: Operand[] = [];
  let rest = part;
  for (;;) {
    const label = /^([A-Za-z_.$][\w.$]*|\d+)\s*:/.exec(rest.text);
    if (!label) break;
    labels.push({ ...rest, text: label[1]! });
    rest = drop(rest, label[0].length);
  }
  const head = /^\S*/.exec(rest.text)![0];
  const operands = split(drop(rest, head.length).text, ',', drop(rest, head.length));
  const only = operands.length === 1 && operands[0]!.text === '';
  return {
    line: rest.line,
    column: rest.column,
    labels,
    head: head.toLowerCase(),
    operands: only ? [] : operands,
  };
}

function drop(part: Operand, length: number): Operand {
  const rest = part.text.slice(length);
  const trimmed = rest.trimStart();
  return {
    line: part.line,
    column: part.column + length + rest.length - trimmed.length,
    text: trimmed.trimEnd(),
  };
}

/** Splits at a separator outside strings, characters and parentheses; trims the parts. */
function split(text: string, separator: string, place: Place): Operand[] {
  const parts: Operand[] = [];
  let start = 0;
  let depth = 0;
  const cut = (end: number) =>
    parts.push(drop({ line: place.line, column: place.column + start, text: text.slice(start, end) }, 0));
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"' || character === "'") at = endOfQuoted(text, at, place);
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === separator && depth <= 0) {
      cut(at);
      start = at + 1;
    }
  }
  cut(text.length);
  return parts;
}

/** The position of the closing quote. */
function endOfQuoted(text: string, start: number, place: Place): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at;
    else if (text[at] === '\n') break;
  }
  throw new SourceFault(
    { line: place.line, column: place.column + start },
    `this quote is not closed: add ${text[start]} before the end of the line`,
  );
}

function blankComments(source: string): string {
  let result = '';
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!;
    const two = source.slice(at, at + 2);
    if (character === '\n') {
      line++;
      lineStart = at + 1;
      result += character;
    } else if (character === '"' || character === "'") {
      const end = endOfQuoted(source, at, { line, column: 1 - lineStart });
      result += source.slice(at, end + 1);
      at = end;
    } else if (character === '#' || two === '//') {
      while (at + 1 < source.length && source[at + 1] !== '\n') at++;
    } else if (two === '/*') {
      const end = source.indexOf('*/', at + 2);
      if (end < 0)
        throw new SourceFault({ line, column: at - lineStart + 1 }, 'this comment is not closed: add */');
      const comment = source.slice(at, end + 2);
      result += comment.replace(/[^\n]/g, ' ');
      line += comment.split('\n').length - 1;
      if (comment.includes('\n')) lineStart = at + comment.lastIndexOf('\n') + 1;
      at = end + 1;
    } else result += character === '\t' || character === '\r' ? ' ' : character;
  }
  return result;
}

const escapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  0: 0,
  b: 8,
  f: 12,
  v: 11,
  a: 7,
  e: 27,
};

/** The bytes (UTF-8) of a quoted string or character, with C escapes. */
export function quotedBytes(operand: Operand): number[] {
  const { text } = operand;
  const bytes: number[] = [];
  if (text.length < 2 || !/^["']/.test(text) || endOfQuoted(text, 0, operand) !== text.length - 1)
    throw new SourceFault(operand, `expected a string in double quotes, not ${text || 'nothing'}`);
  for (let at = 1; at < text.length - 1;) {
    if (text[at] !== '\\') {
      const point = text.codePointAt(at)!;
      bytes.push(...utf8(point));
      at += point > 0xffff ? 2 : 1;
      continue;
    }
    const hexadecimal = /^x([0-9a-fA-F]{1,2})/.exec(text.slice(at + 1));
    const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1));
    if (hexadecimal || octal) {
      bytes.push(hexadecimal ? parseInt(hexadecimal[1]!, 16) : parseInt(octal![0], 8) & 0xff);
      at += 1 + (hexadecimal ?? octal)![0].length;
    } else {
      const escaped = text[at + 1]!;
      bytes.push(escapes[escaped] ?? escaped.charCodeAt(0));
      at += 2;
    }
  }
  return bytes;
}

function utf8(point: number): number[] {
  if (point < 0x80) return [point];
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}

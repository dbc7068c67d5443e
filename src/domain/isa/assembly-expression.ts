import { type Operand, quotedBytes, SourceFault } from './assembly-source.ts';

/** What an expression may refer to. */
export interface Scope {
  /** The address of the statement: `.` */
  readonly here: bigint;
  /** A symbol's value; undefined when there is none (yet). */
  lookup(name: string): bigint | undefined;
  /** `%name(value)`; undefined when the dialect has no such function. */
  relocate(name: string, value: bigint, here: bigint): bigint | undefined;
}

const tokenForm =
  /\s*(?:(0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*(?![bf\w]))|('(?:\\.|[^'\\])+')|(%[a-z_]+)|(\d+[bf]|[A-Za-z_.$][\w.$]*)|(<<|>>|[-+*/%&|^~()]))/y;

/** Binary operators by how tightly they bind, as in C. */
const precedence: Readonly<Record<string, number>> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};

interface Token {
  readonly kind: 'number' | 'character' | 'function' | 'symbol' | 'operator';
  readonly text: string;
  readonly column: number;
}

/** Evaluates an integer expression (numbers, characters, symbols, `.`, C's operators). Throws SourceFault. */
export function evaluateExpression(operand: Operand, scope: Scope): bigint {
  const tokens = tokenize(operand);
  let position = 0;
  const place = () => ({
    line: operand.line,
    column: operand.column + (tokens[position]?.column ?? operand.text.length),
  });
  const expected = (what: string): never => {
    const found = tokens[position]?.text;
    throw new SourceFault(place(), `expected ${what}${found === undefined ? '' : `, not ${found}`}`);
  };
  const takes = (text: string) => tokens[position]?.text === text && ++position > 0;

  function primary(): bigint {
    const token = tokens[position++];
    switch (token?.kind) {
      case 'number':
        return BigInt(token.text.replaceAll('_', ''));
      case 'character': {
        const bytes = quotedBytes({ ...place(), text: token.text });
        return BigInt(bytes[0]!);
      }
      case 'symbol': {
        if (token.text === '.') return scope.here;
        const value = scope.lookup(token.text);
        position--;
        if (value === undefined)
          throw new SourceFault(place(), `${token.text} is not defined: add a label or .equ for it`);
        position++;
        return value;
      }
      case 'function': {
        const at = { line: operand.line, column: operand.column + token.column };
        if (!takes('(')) expected('( after ' + token.text);
        const argument = sum(1);
        if (!takes(')')) expected(')');
        const value = scope.relocate(token.text.slice(1), argument, scope.here);
        if (value === undefined) throw new SourceFault(at, `${token.text} cannot be used here`);
        return value;
      }
      case 'operator':
        if (token.text === '-') return -primary();
        if (token.text === '+') return primary();
        if (token.text === '~') return ~primary();
        if (token.text === '(') {
          const value = sum(1);
          if (!takes(')')) expected(')');
          return value;
        }
    }
    position--;
    return expected('a number or a symbol');
  }

  function sum(least: number): bigint {
    let value = primary();
    for (;;) {
      const token = tokens[position];
      const binds = token && precedence[token.text];
      if (!token || !binds || binds < least) return value;
      const at = place();
      position++;
      value = apply(token.text, value, sum(binds + 1), (message) => new SourceFault(at, message));
    }
  }

  const value = sum(1);
  return position === tokens.length ? value : expected('an operator');
}

function apply(operator: string, a: bigint, b: bigint, fault: (message: string) => SourceFault): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case '%':
      if (b === 0n) throw fault('division by zero');
      return operator === '/' ? a / b : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    default:
      if (b < 0n || b > 127n) throw fault(`cannot shift by ${b}: use 0 to 127`);
      return operator === '<<' ? a << b : a >> b;
  }
}

function tokenize(operand: Operand): Token[] {
  const tokens: Token[] = [];
  const kinds = ['number', 'character', 'function', 'symbol', 'operator'] as const;
  tokenForm.lastIndex = 0;
  const { text } = operand;
  while (tokenForm.lastIndex < text.length) {
    const from = tokenForm.lastIndex;
    const match = tokenForm.exec(text);
    if (!match)
      throw new SourceFault(
        { line: operand.line, column: operand.column + from },
        `cannot read '${text.slice(from).trim()}' as an expression`,
      );
    const which = match.slice(1).findIndex((group) => group !== undefined);
    const token = match[which + 1]!;
    tokens.push({ kind: kinds[which]!, text: token, column: tokenForm.lastIndex - token.length });
  }
  return tokens;
}

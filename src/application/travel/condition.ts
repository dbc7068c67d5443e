import { RecordingError } from '../recording/recording-error.ts';
import type { Moment } from './travel.ts';

/** Whether something holds for a thread of a guest as it is. */
export type Condition = (moment: Moment, thread: number) => boolean;

/** A value, or undefined where memory that it needs is not mapped. */
type Term = (moment: Moment, thread: number) => bigint | undefined;

const tokenForm =
  /\s*(?:(0[xX][0-9a-fA-F_]+|\d[\d_]*)|([A-Za-z_][\w.]*)|(\|\||&&|==|!=|<=|>=|<<|>>|[-+*|^&<>()[\]!~]))/y;

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);

/** Binary operators by how tightly they bind, as in C. */
const operators: Readonly<Record<string, readonly [binds: number, (a: bigint, b: bigint) => bigint]>> = {
  '||': [1, (a, b) => truth(a !== 0n || b !== 0n)],
  '&&': [2, (a, b) => truth(a !== 0n && b !== 0n)],
  '|': [3, (a, b) => a | b],
  '^': [4, (a, b) => a ^ b],
  '&': [5, (a, b) => a & b],
  '==': [6, (a, b) => truth(a === b)],
  '!=': [6, (a, b) => truth(a !== b)],
  '<': [7, (a, b) => truth(a < b)],
  '<=': [7, (a, b) => truth(a <= b)],
  '>': [7, (a, b) => truth(a > b)],
  '>=': [7, (a, b) => truth(a >= b)],
  '<<': [8, (a, b) => wrap(a << (b & 63n))],
  '>>': [8, (a, b) => a >> (b & 63n)],
  '+': [9, (a, b) => wrap(a + b)],
  '-': [9, (a, b) => wrap(a - b)],
  '*': [10, (a, b) => wrap(a * b)],
};

/** How memory is read: `u8[address]`; without a type, as `i64`. */
const widths: Readonly<Record<string, readonly [bytes: number, signed: boolean]>> = {
  u8: [1, false],
  u16: [2, false],
  u32: [4, false],
  i8: [1, true],
  i16: [2, true],
  i32: [4, true],
  i64: [8, true],
};

/**
 * Reads a condition: numbers, registers, memory (`[sp + 8]`, `u8[a0]`), and C's operators but for division, on signed 64-bit
 * integers. It holds where the value is not 0, and not where memory that it needs is not mapped. `slotOf`: a register's slot, by
 * what people call it. Throws `invalid-request`.
 */
export function parseCondition(text: string, slotOf: (name: string) => string | undefined): Condition {
  const term = new ConditionParser(text, slotOf).parse();
  return (moment, thread) => (term(moment, thread) ?? 0n) !== 0n;
}

class ConditionParser {
  readonly #text: string;
  readonly #slotOf: (name: string) => string | undefined;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string, slotOf: (name: string) => string | undefined) {
    this.#text = text;
    this.#slotOf = slotOf;
    this.#tokens = this.#tokenize();
  }

  parse(): Term {
    const term = this.#sum(1);
    if (this.#at < this.#tokens.length) throw this.#unexpected('an operator');
    return term;
  }

  #sum(least: number): Term {
    let left = this.#unary();
    for (;;) {
      const operator = operators[this.#tokens[this.#at] ?? ''];
      if (!operator || operator[0] < least) return left;
      this.#at++;
      left = binary(operator[1], left, this.#sum(operator[0] + 1));
    }
  }

  #unary(): Term {
    if (this.#takes('-')) return mapped(this.#unary(), (value) => wrap(-value));
    if (this.#takes('~')) return mapped(this.#unary(), (value) => ~value);
    if (this.#takes('!')) return mapped(this.#unary(), (value) => truth(value === 0n));
    if (this.#takes('(')) return this.#until(')');
    if (this.#takes('[')) return load(this.#until(']'), 8, true);
    const token = this.#tokens[this.#at];
    if (token === undefined || !/^\w/.test(token))
      throw this.#unexpected('a number, a register or [address]');
    this.#at++;
    if (/^\d/.test(token)) {
      const value = wrap(BigInt(token.replaceAll('_', '')));
      return () => value;
    }
    const width = Object.hasOwn(widths, token) ? widths[token] : undefined;
    if (width && this.#takes('[')) return load(this.#until(']'), ...width);
    const slot = this.#slotOf(token);
    if (slot === undefined) throw this.#fault(`there is no register ${token}`);
    return (moment, thread) => {
      const value = moment.registers(thread)?.get(slot);
      return value === undefined ? undefined : wrap(value);
    };
  }

  #until(closing: string): Term {
    const term = this.#sum(1);
    if (!this.#takes(closing)) throw this.#unexpected(closing);
    return term;
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #tokenize(): readonly string[] {
    const tokens: string[] = [];
    const text = this.#text.trimEnd();
    tokenForm.lastIndex = 0;
    while (tokenForm.lastIndex < text.length) {
      const from = tokenForm.lastIndex;
      const match = tokenForm.exec(text);
      if (!match) throw this.#fault(`${JSON.stringify(text.slice(from).trim())} cannot be read`);
      tokens.push(match[0].trim());
    }
    return tokens;
  }

  #unexpected(wanted: string): RecordingError {
    const found = this.#tokens[this.#at];
    return this.#fault(`expected ${wanted}${found === undefined ? ' at its end' : `, not ${found}`}`);
  }

  #fault(why: string): RecordingError {
    return new RecordingError(
      'invalid-request',
      `the condition ${JSON.stringify(this.#text)} is wrong: ${why}`,
    );
  }
}

const mapped =
  (term: Term, change: (value: bigint) => bigint): Term =>
  (moment, thread) => {
    const value = term(moment, thread);
    return value === undefined ? undefined : change(value);
  };

const binary =
  (apply: (a: bigint, b: bigint) => bigint, left: Term, right: Term): Term =>
  (moment, thread) => {
    const [a, b] = [left(moment, thread), right(moment, thread)];
    return a === undefined || b === undefined ? undefined : apply(a, b);
  };

const load =
  (address: Term, bytes: number, signed: boolean): Term =>
  (moment, thread) => {
    const at = address(moment, thread);
    const found = at === undefined ? undefined : moment.memory(BigInt.asUintN(64, at), bytes, thread);
    if (found === undefined) return undefined;
    const value = found.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return signed ? BigInt.asIntN(8 * bytes, value) : value;
  };

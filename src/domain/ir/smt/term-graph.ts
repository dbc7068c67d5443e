import { opOf, type OpName } from '../ops.ts';
import { type IrType, widths } from '../types.ts';
import { literal, smtTermOf } from './terms.ts';

/** A value over the symbols of a formula. */
export type GraphTerm = {
  readonly id: number;
  readonly type: IrType;
  readonly args: readonly GraphTerm[];
} & (
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'operation'; readonly op: OpName; readonly attr: unknown }
  /** An uninterpreted function. */
  | { readonly kind: 'function'; readonly name: string }
);

const commutative: ReadonlySet<OpName> = new Set([
  'add',
  'mul',
  'mulHighU',
  'mulHighS',
  'and',
  'or',
  'xor',
  'eq',
  'ne',
]);
/** What solvers are slow at; see {@link TermGraph}. */
const hard = /^(mul|div|rem)/;
const hardFrom = 32;

/**
 * Terms of one formula, each kept once, so that equal terms are one object. Laws: a term's value is that of the op it was
 * made from, for all values of the symbols; constants are folded by the op table, constant addends gathered, the operands of
 * commutative ops ordered, and choices without a choice made; nothing else is rewritten, and no rule of the optimiser is used.
 *
 * Float operations are uninterpreted functions; with `abstract`, so are products and quotients of 32 bits and more. What holds of
 * any function holds of these, so a proof stands; a counterexample may be one of the abstraction only.
 */
export class TermGraph {
  readonly #terms = new Map<string, GraphTerm>();
  readonly #equal = new Map<GraphTerm, GraphTerm>();
  readonly #abstract: boolean;
  #abstracted = false;

  constructor({ abstract }: { readonly abstract: boolean }) {
    this.#abstract = abstract;
  }

  /** Whether some operation was taken for an uninterpreted function that need not be. */
  get abstracted(): boolean {
    return this.#abstracted;
  }

  constant(type: IrType, value: bigint | number): GraphTerm {
    const bits = BigInt.asUintN(widths[type], BigInt(value));
    return this.#one(`${type} ${bits}`, (id) => ({ id, type, args: [], kind: 'constant', value: bits }));
  }

  symbol(type: IrType, name: string): GraphTerm {
    return this.#one(`${type} ${name}`, (id) => ({ id, type, args: [], kind: 'symbol', name }));
  }

  function(type: IrType, name: string, args: readonly GraphTerm[]): GraphTerm {
    return this.#one(`${type} ${name}(${ids(args)})`, (id) => ({ id, type, args, kind: 'function', name }));
  }

  operation(op: OpName, type: IrType, args: readonly GraphTerm[], attr?: unknown): GraphTerm {
    const { evaluate, evaluateFloat } = opOf(op);
    const values = args.map((each) => (each.kind === 'constant' ? each.value : undefined));
    const types = args.map((each) => each.type);
    if (values.every((value) => value !== undefined)) {
      if (evaluate) return this.constant(type, evaluate(values, widths[type], { type, attr }, types));
      if (evaluateFloat) return this.constant(type, evaluateFloat(values, { type, attr }, types).bits);
    }
    if (evaluateFloat) return this.function(type, functionName(op, args, type), args);
    if (this.#abstract && hard.test(op) && widths[type] >= hardFrom) {
      this.#abstracted = true;
      return this.function(type, functionName(op, args, type), ordered(op, args));
    }
    return this.#plainer(op, type, args) ?? this.#made(op, type, args, attr);
  }

  /** The exceptions that a float operation raises. */
  exceptions(op: OpName, type: IrType, args: readonly GraphTerm[]): GraphTerm {
    const values = args.map((each) => (each.kind === 'constant' ? each.value : undefined));
    const types = args.map((each) => each.type);
    if (values.every((value) => value !== undefined))
      return this.constant('i32', opOf(op).evaluateFloat!(values, { type, attr: undefined }, types).flags);
    return this.function('i32', `${functionName(op, args, type)}-flags`, args);
  }

  not = (term: GraphTerm): GraphTerm => this.operation('xor', 'i1', [term, this.constant('i1', 1)]);
  and = (a: GraphTerm, b: GraphTerm): GraphTerm => this.operation('and', 'i1', [a, b]);
  or = (a: GraphTerm, b: GraphTerm): GraphTerm => this.operation('or', 'i1', [a, b]);
  differ = (a: GraphTerm, b: GraphTerm): GraphTerm => this.operation('ne', 'i1', [a, b]);
  add = (a: GraphTerm, value: bigint | number): GraphTerm =>
    this.operation('add', a.type, [a, this.constant(a.type, value)]);
  choose = (condition: GraphTerm, a: GraphTerm, b: GraphTerm): GraphTerm =>
    this.operation('select', a.type, [condition, a, b]);

  #plainer(op: OpName, type: IrType, args: readonly GraphTerm[]): GraphTerm | undefined {
    const [a, b, c] = args as [GraphTerm, GraphTerm, GraphTerm];
    switch (op) {
      case 'bitcast':
        return a.type === type ? a : undefined;
      case 'select':
        if (a.kind === 'constant') return a.value === 1n ? b : c;
        return b === c ? b : undefined;
      case 'eq':
      case 'ne':
        return a === b ? this.constant('i1', op === 'eq' ? 1 : 0) : undefined;
      case 'and':
      case 'or':
        if (a === b) return a;
        for (const [one, other] of [[a, b] as const, [b, a] as const])
          if (type === 'i1' && one.kind === 'constant')
            return (one.value === 1n) === (op === 'and') ? other : one;
        return undefined;
      case 'sub':
        return b.kind === 'constant'
          ? this.operation('add', type, [a, this.constant(type, -b.value)])
          : undefined;
      case 'add':
        return this.#sum(a, b) ?? this.#sum(b, a);
      default:
        return undefined;
    }
  }

  /** (x + c) + d = x + (c + d), and x + 0 = x. */
  #sum(a: GraphTerm, b: GraphTerm): GraphTerm | undefined {
    if (b.kind !== 'constant') return undefined;
    if (b.value === 0n) return a;
    const { base, offset } = baseOf(a);
    return base === a ? undefined : this.add(base, offset + b.value);
  }

  #made(op: OpName, type: IrType, args: readonly GraphTerm[], attr: unknown): GraphTerm {
    const order = ordered(op, args);
    const key = `${type} ${op}(${ids(order)})${attr === undefined ? '' : JSON.stringify(attr)}`;
    return this.#one(key, (id) => ({ id, type, args: order, kind: 'operation', op, attr }));
  }

  /** From now on, one stands for both: somebody has proved them equal. Terms that exist are not changed. */
  equate(a: GraphTerm, b: GraphTerm): void {
    const [older, newer] = a.id < b.id ? [a, b] : [b, a];
    // What a term is made of is older than the term, so that nothing comes to contain itself.
    if (older !== newer) this.#equal.set(newer, older);
  }

  #one(key: string, make: (id: number) => GraphTerm): GraphTerm {
    let term = this.#terms.get(key);
    if (!term) this.#terms.set(key, (term = make(this.#terms.size)));
    for (let same = this.#equal.get(term); same; same = this.#equal.get(term)) term = same;
    return term;
  }
}

const ids = (terms: readonly GraphTerm[]): string => terms.map(({ id }) => id).join();
/** A constant comes last. */
const ordered = (op: OpName, args: readonly GraphTerm[]): readonly GraphTerm[] =>
  commutative.has(op)
    ? args.toSorted((a, b) => Number(a.kind === 'constant') - Number(b.kind === 'constant') || a.id - b.id)
    : args;
const functionName = (op: OpName, args: readonly GraphTerm[], type: IrType): string =>
  [op, ...args.map((each) => each.type), type].join('-');

/** A term as another one plus a constant. */
export function baseOf(term: GraphTerm): { readonly base: GraphTerm; readonly offset: bigint } {
  const [base, distance] = term.args;
  if (term.kind === 'operation' && term.op === 'add' && distance!.kind === 'constant')
    return { base: base!, offset: distance!.value };
  return { base: term, offset: 0n };
}

/** The name of a term in a script. */
export const nameOf = (term: GraphTerm): string =>
  term.kind === 'symbol'
    ? `|${term.name}|`
    : term.kind === 'constant'
      ? literalOf(term.value, term.type)
      : `t${term.id}`;

const literalOf = (value: bigint, type: IrType): string => literal(value, widths[type]);
const sort = (type: IrType): string => `(_ BitVec ${widths[type]})`;

/** The terms that a term is made of, itself among them. */
export function partsOf(
  roots: readonly GraphTerm[],
  opaque: ReadonlySet<GraphTerm> = new Set(),
): ReadonlySet<GraphTerm> {
  const parts = new Set(roots);
  for (const term of parts) if (!opaque.has(term)) for (const argument of term.args) parts.add(argument);
  return parts;
}

/**
 * Declarations and definitions of everything that the terms are made of, in SMT-LIB. Of an `opaque` term nothing is said: it may
 * be anything.
 */
export function definitionsOf(
  terms: readonly GraphTerm[],
  opaque: ReadonlySet<GraphTerm> = new Set(),
): readonly string[] {
  const declared = new Set<string>();
  const lines: string[] = [];
  for (const term of [...partsOf(terms, opaque)].sort((a, b) => a.id - b.id)) {
    if (term.kind === 'constant') continue;
    if (term.kind === 'symbol' || opaque.has(term)) {
      lines.push(`(declare-const ${nameOf(term)} ${sort(term.type)})`);
      continue;
    }
    const args = term.args.map(nameOf);
    if (term.kind === 'function' && !declared.has(term.name)) {
      declared.add(term.name);
      const parameters = term.args.map(({ type }) => sort(type)).join(' ');
      lines.push(`(declare-fun |${term.name}| (${parameters}) ${sort(term.type)})`);
    }
    lines.push(`(define-fun ${nameOf(term)} () ${sort(term.type)} ${bodyOf(term, args)})`);
  }
  return lines;
}

function bodyOf(term: GraphTerm, args: readonly string[]): string {
  if (term.kind === 'function')
    return args.length === 0 ? `|${term.name}|` : `(|${term.name}| ${args.join(' ')})`;
  if (term.kind !== 'operation') return nameOf(term);
  const meaning = smtTermOf(term.op);
  if (!meaning) throw new TypeError(`the op ${term.op} has no SMT term`);
  const argWidths = term.args.map(({ type }) => widths[type]);
  return meaning(args, { width: widths[term.type], argWidths, attr: term.attr });
}

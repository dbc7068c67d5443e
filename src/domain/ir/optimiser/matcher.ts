import type { Node } from '../node.ts';
import type { OpName } from '../ops.ts';
import { type IrType, widths } from '../types.ts';
import type { Rule } from './rule.ts';
import { termValue } from './term-value.ts';
import { isLetter, type Term, type TypeLetter, typeLetters, type TypeName } from './term.ts';

/** What the names and letters of a rule stand for where it matches. */
export interface Bindings {
  readonly values: (Node | undefined)[];
  readonly types: (IrType | undefined)[];
}

/** A rule made ready to be tried. */
export interface PreparedRule {
  readonly rule: Rule;
  /** Ops that the arguments must have, for a quick no. */
  readonly argumentOps: readonly (OpName | undefined)[];
  /** Whether the rule applies to this node; then `bindings` (which are the rule's own, until the next try) say how. */
  matches(node: Node): boolean;
  readonly bindings: Bindings;
  /** The position of a name in `values`. */
  indexOf(name: string): number;
}

const letters = Object.keys(typeLetters) as readonly TypeLetter[];
const letterIndex = new Map(letters.map((letter, index) => [letter, index]));
const domains: readonly ReadonlySet<IrType>[] = letters.map((letter) => new Set(typeLetters[letter]));

/** The type that a name stands for under bindings. */
export const boundType = ({ types }: Bindings, type: TypeName): IrType =>
  isLetter(type) ? types[letterIndex.get(type)!]! : type;

/** A number as a pattern of each type. */
const patternsOf = (value: bigint): ReadonlyMap<IrType, bigint> =>
  new Map(Object.entries(widths).map(([type, width]) => [type as IrType, BigInt.asUintN(width, value)]));

type Match = (node: Node) => boolean;

export function prepare(rule: Rule): PreparedRule {
  const names = [...new Set(namesOf(rule.from))];
  const bindings: Bindings = {
    values: new Array<Node | undefined>(names.length),
    types: new Array<IrType | undefined>(letters.length),
  };
  const match = matcherOf(rule.from, names, bindings);
  return {
    rule,
    bindings,
    argumentOps: rule.from.args.map(opOfTerm),
    indexOf: (name) => names.indexOf(name),
    matches(node) {
      bindings.values.fill(undefined);
      bindings.types.fill(undefined);
      return match(node) && conditionsHold(rule, names, bindings);
    },
  };
}

const opOfTerm = (term: Term): OpName | undefined =>
  term.kind === 'operation' ? term.op : term.kind === 'any' ? undefined : 'const';

function* namesOf(term: Term): Generator<string> {
  if (term.kind === 'any' || term.kind === 'constant') yield term.name;
  if (term.kind === 'operation') for (const argument of term.args) yield* namesOf(argument);
}

function typeMatcher(type: TypeName, { types }: Bindings): (actual: Node['type']) => boolean {
  if (!isLetter(type)) return (actual) => actual === type;
  const index = letterIndex.get(type)!;
  const domain = domains[index]!;
  return (actual) => {
    const bound = types[index];
    if (bound !== undefined) return bound === actual;
    if (!domain.has(actual as IrType)) return false;
    types[index] = actual as IrType;
    return true;
  };
}

function matcherOf(term: Term, names: readonly string[], bindings: Bindings): Match {
  const typed = typeMatcher(term.type, bindings);
  switch (term.kind) {
    case 'any':
    case 'constant': {
      const index = names.indexOf(term.name);
      const mustBeConstant = term.kind === 'constant';
      const { values } = bindings;
      return (node) => {
        const bound = values[index];
        if (bound !== undefined) return bound === node;
        if (mustBeConstant && node.op !== 'const') return false;
        if (!typed(node.type)) return false;
        values[index] = node;
        return true;
      };
    }
    case 'number': {
      const patterns = patternsOf(term.value);
      return (node) =>
        node.op === 'const' && typed(node.type) && node.attr.value === patterns.get(node.type as IrType);
    }
    case 'width':
      return (node) =>
        node.op === 'const' &&
        typed(node.type) &&
        node.attr.value === BigInt(widths[boundType(bindings, term.of)]);
    case 'operation': {
      const { op, attr } = term;
      const args = term.args.map((argument) => matcherOf(argument, names, bindings));
      return (node) => {
        if (node.op !== op || !typed(node.type)) return false;
        if (attr && node.op === 'extract' && node.attr.lsb !== attr.lsb) return false;
        for (let at = 0; at < args.length; at++) if (!args[at]!(node.args[at] as Node)) return false;
        return true;
      };
    }
  }
}

function conditionsHold({ where, narrower }: Rule, names: readonly string[], bindings: Bindings): boolean {
  for (const [a, b] of narrower)
    if (widths[boundType(bindings, a)] >= widths[boundType(bindings, b)]) return false;
  if (where.length === 0) return true;
  const typeOf = (type: TypeName) => boundType(bindings, type);
  const valueOf = (name: string) => {
    const node = bindings.values[names.indexOf(name)]!;
    if (node.op !== 'const') throw new TypeError(`a condition over ${name}, which is no constant`);
    return node.attr.value;
  };
  return where.every((condition) => termValue(condition, typeOf, valueOf) === 1n);
}

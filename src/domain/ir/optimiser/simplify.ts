import { once } from '../../shared/once.ts';
import type { IrBlock, Node } from '../node.ts';
import { type OpName, opOf } from '../ops.ts';
import { type IrType, widths } from '../types.ts';
import { foldedFloat, foldedValue } from './constant-folding.ts';
import { resolveEffect } from './control-rules.ts';
import { type Bindings, boundType, prepare, type PreparedRule } from './matcher.ts';
import type { Pass } from './pass.ts';
import { Rewriter } from './rewriter.ts';
import type { Rule } from './rule.ts';
import type { Term } from './term.ts';
import { ValueTable } from './value-table.ts';

/**
 * A pass that rewrites values by rules: each value is folded when its arguments are constants, else rewritten by the
 * first rule that matches, whose result is again simplified, else shared with an equal value. Every value is visited
 * once, with its arguments already simple.
 */
export function simplifyBy(rules: readonly Rule[]): Pass {
  const prepared = once(() => preparedByOp(rules));
  return {
    name: 'simplify',
    summary: 'constants are folded, the rules applied, equal values computed once',
    run: (block) => new Simplifier(block, prepared()).run(),
  };
}

function preparedByOp(rules: readonly Rule[]): ReadonlyMap<OpName, readonly PreparedRule[]> {
  const prepared = new Map<OpName, PreparedRule[]>();
  for (const rule of rules) {
    const sameOp = prepared.get(rule.from.op) ?? [];
    prepared.set(rule.from.op, [...sameOp, prepare(rule)]);
  }
  return prepared;
}

class Simplifier {
  readonly #block: IrBlock;
  readonly #rules: ReadonlyMap<OpName, readonly PreparedRule[]>;
  readonly #rewriter: Rewriter;
  readonly #values = new ValueTable();

  constructor(block: IrBlock, rules: ReadonlyMap<OpName, readonly PreparedRule[]>) {
    this.#block = block;
    this.#rules = rules;
    this.#rewriter = new Rewriter(block);
  }

  run(): IrBlock {
    const rewriter = this.#rewriter;
    /** Float operations whose value is known, by the node that still has their exceptions. */
    const exceptions = new Map<number, { readonly node: Node; readonly flags: number }>();
    for (const node of this.#block.nodes) {
      const { effect, evaluateFloat } = opOf(node.op);
      if (node.op === 'raise' || node.op === 'fpFlags') {
        this.#useExceptions(node, exceptions.get(node.args[0]!.id));
      } else if (effect !== 'none') {
        this.#effect(node);
      } else if (evaluateFloat) {
        const made = { ...node, args: rewriter.argsOf(node) } as Node;
        const folded = foldedFloat(made);
        const computed = this.#placed(made, node);
        if (folded) {
          exceptions.set(node.id, { node: computed, flags: folded.flags });
          rewriter.replace(node, this.#constant(node.type as IrType, folded.bits));
        }
      } else this.#value(node);
    }
    return rewriter.finish();
  }

  #value(node: Node): void {
    const rewriter = this.#rewriter;
    const made = {
      id: 0,
      op: node.op,
      type: node.type,
      args: rewriter.argsOf(node),
      attr: node.attr,
    } as Node;
    const before = rewriter.nodes.length;
    const simple = this.#simplified(made);
    rewriter.setImage(node, simple, simple !== made || rewriter.nodes.length !== before + 1);
  }

  #effect(node: Node): void {
    const rewriter = this.#rewriter;
    const resolved = resolveEffect(node, rewriter.argsOf(node));
    if (resolved === 'same') rewriter.keep(node);
    else if (resolved === 'nothing') rewriter.drop();
    else
      rewriter.replace(
        node,
        rewriter.add(resolved.op, resolved.type, resolved.args as readonly Node[], resolved.attr),
      );
  }

  /** `folded`: the operation when its value is a known constant. */
  #useExceptions(node: Node, folded: { readonly node: Node; readonly flags: number } | undefined): void {
    const rewriter = this.#rewriter;
    if (!folded) {
      if (node.op === 'raise') rewriter.keep(node);
      else this.#placed({ ...node, args: rewriter.argsOf(node) } as Node, node);
    } else if (node.op === 'fpFlags') rewriter.replace(node, this.#constant('i32', BigInt(folded.flags)));
    else if (folded.flags === 0) rewriter.drop();
    else rewriter.replace(node, rewriter.add('raise', 'void', [folded.node], undefined));
  }

  /** Shares or places a node that stands for an old one. */
  #placed(made: Node, old: Node): Node {
    const node = this.#shared(made);
    this.#rewriter.setImage(old, node, node !== made);
    return node;
  }

  /** The node of a value whose arguments are simple. */
  #simplified(node: Node): Node {
    const folded = foldedValue(node);
    if (folded !== undefined) return this.#constant(node.type as IrType, folded);
    const rules = this.#rules.get(node.op);
    if (rules)
      for (const prepared of rules) {
        if (!fits(prepared.argumentOps, node) || !prepared.matches(node)) continue;
        const { values, types } = prepared.bindings;
        // The rule may be tried again while its result is built.
        return this.#build(prepared.rule.to, prepared, { values: [...values], types: [...types] });
      }
    return this.#shared(node);
  }

  #build(term: Term, prepared: PreparedRule, bindings: Bindings): Node {
    switch (term.kind) {
      case 'any':
      case 'constant':
        return bindings.values[prepared.indexOf(term.name)]!;
      case 'number':
        return this.#constant(boundType(bindings, term.type), term.value);
      case 'width':
        return this.#constant(boundType(bindings, term.type), BigInt(widths[boundType(bindings, term.of)]));
      case 'operation': {
        const args = term.args.map((argument) => this.#build(argument, prepared, bindings));
        const type = boundType(bindings, term.type);
        return this.#simplified({ id: 0, op: term.op, type, args, attr: term.attr } as unknown as Node);
      }
    }
  }

  #constant(type: IrType, value: bigint): Node {
    const attr = { value: BigInt.asUintN(widths[type], value) };
    return this.#shared({ id: 0, op: 'const', type, args: [], attr });
  }

  #shared(node: Node): Node {
    const known = this.#values.find(node);
    if (known) return known;
    this.#values.add(this.#rewriter.place(node));
    return node;
  }
}

function fits(wanted: readonly (OpName | undefined)[], { args }: Node): boolean {
  for (let at = 0; at < wanted.length; at++) {
    const op = wanted[at];
    if (op !== undefined && op !== (args[at] as Node).op) return false;
  }
  return true;
}

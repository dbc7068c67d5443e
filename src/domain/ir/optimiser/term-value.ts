import { opOf } from '../ops.ts';
import { type IrType, widths } from '../types.ts';
import type { Term, TypeName } from './term.ts';

/** The value of a term, by the op table's evaluators. */
export function termValue(
  term: Term,
  typeOf: (type: TypeName) => IrType,
  valueOf: (name: string) => bigint,
): bigint {
  const type = typeOf(term.type);
  switch (term.kind) {
    case 'any':
    case 'constant':
      return valueOf(term.name);
    case 'number':
      return BigInt.asUintN(widths[type], term.value);
    case 'width':
      return BigInt(widths[typeOf(term.of)]);
    case 'operation': {
      const values = term.args.map((argument) => termValue(argument, typeOf, valueOf));
      const types = term.args.map((argument) => typeOf(argument.type));
      const { evaluate } = opOf(term.op);
      if (!evaluate) throw new TypeError(`the op ${term.op} has no place in a rule`);
      return evaluate(values, widths[type], { type, attr: term.attr }, types);
    }
  }
}

import { isLetter, type Term } from '../optimiser/term.ts';
import { type Rule, typeIn, type Typing } from '../optimiser/rule.ts';
import { type IrType, widths } from '../types.ts';
import { holds, literal, smtTermOf } from './terms.ts';

/** A formula that has a model just when something does not hold, with the names whose values make a counterexample. */
export interface RefutationFormula {
  readonly script: string;
  readonly values: readonly string[];
}

/** The names of a term with their types. */
export function namesOf(term: Term, typing: Typing, into = new Map<string, IrType>()): Map<string, IrType> {
  if (term.kind === 'any' || term.kind === 'constant') into.set(term.name, typeIn(typing, term.type));
  if (term.kind === 'operation') for (const argument of term.args) namesOf(argument, typing, into);
  return into;
}

/** A term of a rule in SMT-LIB. Throws TypeError for an op without a term. */
export function smtOfTerm(term: Term, typing: Typing): string {
  const width = widths[typeIn(typing, term.type)];
  switch (term.kind) {
    case 'any':
    case 'constant':
      return term.name;
    case 'number':
      return literal(term.value, width);
    case 'width':
      return literal(widths[typeIn(typing, term.of)], width);
    case 'operation': {
      const meaning = smtTermOf(term.op);
      if (!meaning) throw new TypeError(`the op ${term.op} has no SMT term`);
      const argWidths = term.args.map((argument) => widths[typeIn(typing, argument.type)]);
      return meaning(
        term.args.map((argument) => smtOfTerm(argument, typing)),
        { width, argWidths, attr: term.attr },
      );
    }
  }
}

/** Asks for values at which the rule's conditions hold and its sides differ. */
export function refutationOf({ name, from, to, where }: Rule, typing: Typing): RefutationFormula {
  if ([from, to].some(({ type }) => isLetter(type) && !typing.has(type)))
    throw new TypeError(`the rule ${name} needs its letters typed`);
  const names = namesOf(from, typing);
  return {
    script: [
      ...[...names].map(([symbol, type]) => `(declare-const ${symbol} (_ BitVec ${widths[type]}))`),
      ...where.map((condition) => `(assert ${holds(smtOfTerm(condition, typing))})`),
      `(assert (distinct ${smtOfTerm(from, typing)} ${smtOfTerm(to, typing)}))`,
    ].join('\n'),
    values: [...names.keys()],
  };
}

import { type OperationTerm, type Term, type TypeLetter, type TypeName, typeLetters } from './term.ts';
import { type IrType, widths } from '../types.ts';

/**
 * An equation of the algebra, read from left to right: wherever `from` matches and every condition holds, its value is
 * `to`'s. Conditions are terms over constants that must be 1. Laws: every name of `to` occurs in `from`; rewriting ends,
 * for each rule makes the term smaller or moves it towards one form.
 */
export interface Rule {
  readonly name: string;
  readonly from: OperationTerm;
  readonly to: Term;
  readonly where: readonly Term[];
  /** Letters whose types must be of smaller width than the next one's. */
  readonly narrower: readonly (readonly [TypeLetter, TypeLetter])[];
}

interface Conditions {
  readonly where?: readonly Term[];
  readonly narrower?: Rule['narrower'];
}

export const rule = (
  name: string,
  from: OperationTerm,
  to: Term,
  { where = [], narrower = [] }: Conditions = {},
): Rule => ({ name, from, to, where, narrower });

/** What the letters of a rule stand for. */
export type Typing = ReadonlyMap<TypeLetter, IrType>;

export const typeIn = (typing: Typing, type: TypeName): IrType =>
  typing.get(type as TypeLetter) ?? (type as IrType);

function* lettersOf(term: Term): Generator<TypeLetter> {
  if (term.type in typeLetters) yield term.type as TypeLetter;
  if (term.kind === 'operation') for (const argument of term.args) yield* lettersOf(argument);
}

/** Every choice of types at which a rule applies. */
export function typingsOf({ from, narrower }: Rule): readonly Typing[] {
  const letters = [...new Set(lettersOf(from))];
  let typings: ReadonlyMap<TypeLetter, IrType>[] = [new Map()];
  for (const letter of letters)
    typings = typings.flatMap((typing) =>
      typeLetters[letter].map((type) => new Map([...typing, [letter, type]])),
    );
  const wellFormed = (term: Term, typing: Typing): boolean => {
    if (term.kind !== 'operation') return true;
    if (!term.args.every((argument) => wellFormed(argument, typing))) return false;
    const [to, of] = [widths[typeIn(typing, term.type)], widths[typeIn(typing, term.args[0]!.type)]];
    if (term.op === 'zext' || term.op === 'sext') return of < to;
    if (term.op === 'trunc') return of > to;
    return term.op !== 'bitcast' || of === to;
  };
  return typings.filter(
    (typing) =>
      wellFormed(from, typing) &&
      narrower.every(([a, b]) => widths[typeIn(typing, a)] < widths[typeIn(typing, b)]),
  );
}

/** A rule at one choice of types is one equation; its name says which. */
export const instanceName = ({ name }: Rule, typing: Typing): string =>
  typing.size === 0 ? name : `${name} at ${[...typing.values()].join(', ')}`;

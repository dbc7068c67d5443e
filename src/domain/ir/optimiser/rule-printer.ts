import type { OpName } from '../ops.ts';
import type { Rule } from './rule.ts';
import type { Term } from './term.ts';

/** Prints rules as equations: `(x + c) + d = x + (c + d)`. Extensions and choices are written as functions. */
const signs: Partial<Record<OpName, string>> = {
  add: '+',
  sub: '−',
  mul: '×',
  divU: '/u',
  divS: '/s',
  remU: 'modu',
  remS: 'mods',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shrU: '>>u',
  shrS: '>>s',
  eq: '=?',
  ne: '≠?',
  ltU: '<u',
  leU: '≤u',
  ltS: '<s',
  leS: '≤s',
};
const typed: ReadonlySet<OpName> = new Set(['zext', 'sext', 'trunc', 'bitcast', 'extract']);

export const printRule = ({ from, to }: Rule): string => `${printTerm(from)} = ${printTerm(to)}`;

export const printConditions = ({ where, narrower }: Rule): string =>
  [
    ...where.map((condition) => printTerm(condition)),
    ...narrower.map(([a, b]) => `${a} narrower than ${b}`),
  ].join(', ');

export function printTerm(term: Term, inner = false): string {
  switch (term.kind) {
    case 'any':
    case 'constant':
      return term.name;
    case 'number':
      return term.value < 0n ? `−${-term.value}` : String(term.value);
    case 'width':
      return `w(${term.of})`;
    case 'operation': {
      const args = term.args.map((argument) => printTerm(argument, true));
      const sign = signs[term.op];
      if (sign !== undefined) {
        const text = args.join(` ${sign} `);
        return inner ? `(${text})` : text;
      }
      const bits = term.attr === undefined ? '' : ` from bit ${term.attr.lsb}`;
      const type = typed.has(term.op) ? ` to ${term.type}` : '';
      return `${term.op}(${term.args.map((argument) => printTerm(argument)).join(', ')}${bits}${type})`;
    }
  }
}

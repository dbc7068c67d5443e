import { SolverFault, type SolverVerdict } from '../../application/ports/solver.ts';

/** What SMT-LIB solvers print, read. */

/** Marks the end of what was printed for one request. */
export const endMark = 'isochron-end';

/** The commands of one question; its answer ends with the mark. */
export const requestOf = (script: string): string =>
  `(reset)\n(set-option :print-success false)\n(set-option :produce-models true)\n(set-logic QF_UFBV)\n${script}\n(check-sat)\n(echo "${endMark}")\n`;

export const valueRequest = (values: readonly string[]): string =>
  `(get-value (${values.join(' ')}))\n(echo "${endMark}")\n`;

/** The answer to `check-sat`. Throws SolverFault for an error. */
export function verdictOf(output: string, solver: string): 'sat' | 'unsat' | 'unknown' {
  const error = /\(error .*/.exec(output)?.[0];
  const answer = /^(sat|unsat|unknown)\s*$/m.exec(output)?.[1];
  if (error !== undefined || answer === undefined)
    throw new SolverFault(`${solver} did not understand the question`, { output: output.slice(0, 500) });
  return answer as 'sat' | 'unsat' | 'unknown';
}

/** The bit vectors that `get-value` printed: `((x #x0f) (y (_ bv3 8)))`. */
export function valuesOf(output: string): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  for (const [, name, value] of output.matchAll(/\((\S+)\s+(#x[\da-f]+|#b[01]+|\(_ bv\d+ \d+\))\)/gi))
    found.set(
      name!.replace(/^\(+/, ''),
      value!.startsWith('(') ? BigInt(/bv(\d+)/.exec(value!)![1]!) : BigInt(`0${value!.slice(1)}`),
    );
  return found;
}

export const unknown = (reason: string): SolverVerdict => ({ kind: 'unknown', reason });

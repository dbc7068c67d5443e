import { type Solver, SolverFault } from '../../application/ports/solver.ts';
import { findNativeSolver } from './native-solver.ts';
import { WasmSolver } from './wasm-solver.ts';

/** What comes with the package is called this. */
const portable = 'wasm';

/**
 * The solver of that name (`z3`, `cvc5`, `wasm`); without one the fastest of this machine: a native one, or else Z3 in WebAssembly, which comes
 * with the package. Throws SolverFault where it is not installed.
 */
export function findSolver(wanted?: string): Solver {
  if (wanted === portable) return new WasmSolver();
  const native = findNativeSolver(wanted);
  if (wanted !== undefined && native === undefined)
    throw new SolverFault(`${wanted} is not installed (Debian package ${wanted}); use another --solver`, {
      solver: wanted,
    });
  return native ?? new WasmSolver();
}

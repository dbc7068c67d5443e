import type { Solver } from '../../application/ports/solver.ts';
import { findNativeSolver } from './native-solver.ts';
import { WasmSolver } from './wasm-solver.ts';

/** The fastest solver of this machine: a native one, or else Z3 in WebAssembly, which comes with the package. */
export const findSolver = (): Solver => findNativeSolver() ?? new WasmSolver();

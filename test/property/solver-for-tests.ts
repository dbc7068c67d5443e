import type { Solver } from '../../src/application/ports/solver.ts';
import { findSolver } from '../../src/infrastructure/solver/find-solver.ts';

/** The solver that the tests ask, and how long at most. Questions that take longer are the exception and are named. */
export const solver: Solver = findSolver();
export const timeoutMs = Number(process.env['ISOCHRON_SOLVER_TIMEOUT'] ?? 60_000);

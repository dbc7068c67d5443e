import type { FunctionType } from './codegen/module-builder.ts';

/**
 * Why translated code returns; it returns the complement of one of these. `step`: the instruction at pc is to be stepped; `miss`: nothing is known at pc; `hot`: the
 * block at pc was entered often enough in the interpreter; `slow`: the instruction at pc is off the fast path; `returned`: a
 * guest function that was called by a wasm call has returned, to pc, which is not where it was to; `targets`: enough targets of a
 * computed jump have been noted.
 */
export const exitCode = {
  limit: 0,
  step: 1,
  syscall: 2,
  miss: 3,
  hot: 4,
  slow: 5,
  returned: 6,
  targets: 7,
} as const;

/**
 * `(remaining, argument, depth, returnsTo) → result`. `argument`: a record of the interpreter; `depth`: of guest calls below;
 * `returnsTo`: where the guest call above returns to. The result is what remains after it has returned there, with pc not
 * written, or the complement of an exit code, with pc and what remains in memory.
 */
export const translatedType: FunctionType = { parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };
/** For code that no guest call is above: odd, so that no guest function returns there. */
export const nowhere = 1;
/** The name under which the module exports the function. */
export const regionExport = 'region';

import type { ExecutionEngine } from '../../src/application/ports/execution-engine.ts';
import type { CaseLine } from '../../src/application/verification/case-line.ts';
import { checkCase } from '../../src/application/verification/check-case.ts';
import { World } from '../../src/application/verification/world.ts';
import type { InstructionSet } from '../../src/domain/isa/instruction-set.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';

/** Gives a function that runs a case and returns what differs from the expected, one line each; none when it passes. */
export function caseRunner(
  engine: ExecutionEngine,
  isa: InstructionSet = riscv64,
): (each: CaseLine) => readonly string[] {
  const world = new World(engine, isa);
  return (each) =>
    checkCase(world, each).map(({ field, expected, found }) => `${field} is ${found}, expected ${expected}`);
}

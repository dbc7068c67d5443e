import type { BlockInput } from '../../domain/ir/smt/block-input.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import { caseLineOf } from '../verification/counterexample.ts';
import type { GuestCase, MemoryPiece } from '../verification/guest-case.ts';
import { defaultOf } from '../verification/case-line.ts';
import { codeAddress, memorySize, regions, World } from '../verification/world.ts';

/**
 * A refuting input as a case of the small world in which cases run, with what the reference makes of it. Memory that this world
 * does not have is left out; the block's address becomes that of the world's code.
 */
export function refutationCase(
  isa: InstructionSet,
  reference: ExecutionEngine,
  code: Uint8Array,
  instructions: number,
  { slots, memory }: BlockInput,
): string {
  const mapped = (address: bigint): boolean =>
    address < BigInt(memorySize) &&
    regions.some(({ start, length }) => address >= start && address < start + length && start < codeAddress);
  const pieces: MemoryPiece[] = [...memory]
    .filter(([address, byte]) => mapped(address) && byte !== 0)
    .map(([address, byte]) => [Number(address), Uint8Array.of(byte)]);
  const each: GuestCase = {
    code,
    steps: instructions,
    slots: new Map([...slots].filter(([name, value]) => name !== 'pc' && value !== defaultOf(name))),
    memory: pieces,
    icount: 0,
  };
  const world = new World(reference, isa);
  const before = world.outcome({ ...each, steps: 0 });
  return caseLineOf(isa, each, world.outcome(each), before);
}

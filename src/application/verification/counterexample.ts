import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import { type CaseLine, defaultOf, pcAfter, printCase } from './case-line.ts';
import { type GuestCase, type MemoryPiece, readSlot } from './guest-case.ts';
import { instructionsOf } from './shrink-code.ts';
import { codeAddress, type Outcome, stopText } from './world.ts';

/** The instructions of a case as assembly. */
export function listingOf(isa: InstructionSet, { code, slots }: Pick<GuestCase, 'code' | 'slots'>): string[] {
  let address = slots.get('pc') ?? codeAddress;
  return instructionsOf(isa, code).map((bytes) => {
    const decoded = isa.decode(bytes);
    const text =
      typeof decoded === 'string'
        ? `.insn 0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
            .reverse()
            .join('')}`
        : isa.disassemble(decoded, address);
    address += BigInt(bytes.length);
    return text;
  });
}

/** A case with what the reference makes of it, as one line. */
export function caseLineOf(isa: InstructionSet, each: GuestCase, expected: Outcome, before: Outcome): string {
  const line: Omit<CaseLine, 'place' | 'after'> = {
    bytes: each.code,
    text: listingOf(isa, each).join('; '),
    before: { slots: each.slots, memory: each.memory, icount: each.icount === 0 ? undefined : each.icount },
    end: stopText(expected.stop).replace(/^fault (\S+)$/, 'fault $1'),
    steps: each.steps,
    retired: expected.retired,
  };
  const slots = new Map<string, bigint>();
  for (const name of isa.layout.slots.keys()) {
    const value = readSlot(expected.cpu, isa.layout, name);
    const unchanged = name === 'pc' ? pcAfter(line) : (each.slots.get(name) ?? defaultOf(name));
    if (value !== unchanged) slots.set(name, value);
  }
  const memory = [...expected.memory].flatMap(([start, bytes]) =>
    changedRuns(start, before.memory.get(start)!, bytes),
  );
  return printCase({ ...line, after: { slots, memory, icount: undefined } });
}

/** The stretches of bytes that changed. */
function changedRuns(start: number, before: Uint8Array, after: Uint8Array): MemoryPiece[] {
  const runs: MemoryPiece[] = [];
  for (let at = 0; at < after.length; at++) {
    if (before[at] === after[at]) continue;
    let end = at;
    while (end < after.length && before[end] !== after[end]) end++;
    runs.push([start + at, after.slice(at, end)]);
    at = end;
  }
  return runs;
}

export const counterexample = (
  isa: InstructionSet,
  parts: {
    readonly instruction: string;
    readonly tested: string;
    readonly original: GuestCase;
    readonly shrunk: GuestCase;
    readonly line: string;
    readonly differences: readonly DivergentField[];
  },
): Counterexample => ({
  instruction: parts.instruction,
  tested: parts.tested,
  original: listingOf(isa, parts.original).join('; '),
  listing: listingOf(isa, parts.shrunk),
  case: parts.line,
  differences: parts.differences,
});

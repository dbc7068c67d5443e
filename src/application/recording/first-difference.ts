import { hex } from '../../domain/shared/bits.ts';
import type { DivergenceReport, DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { GuestMachine, ThreadView } from '../ports/guest-machine.ts';
import { permission } from '../ports/guest-memory.ts';
import { machineDifferences, readSlot } from './machine-difference.ts';
import { RequestDiverged } from './replayed-host.ts';
import type { Replayer } from './replayer.ts';

/** The instruction a guest is about to execute. */
type Instruction = NonNullable<DivergenceReport['instruction']>;

/** Both machines equal: same digest, none of them thrown off by a request. */
async function agreeAt(expected: Replayer, found: Replayer, icount: number): Promise<boolean> {
  try {
    await expected.seek(icount);
    await found.seek(icount);
  } catch (error) {
    if (error instanceof RequestDiverged) return false;
    throw error;
  }
  return (
    expected.machine.icount === found.machine.icount && expected.machine.digest() === found.machine.digest()
  );
}

/**
 * Finds the first instruction after which two replays of one recording differ, by bisection. Both stand at one
 * instant, equal; they differ when `differsAt` instructions have retired.
 * Undefined when they agree there after all.
 */
export async function bisectReplays(
  expected: Replayer,
  found: Replayer,
  differsAt: number,
): Promise<DivergenceReport | undefined> {
  let low = expected.machine.icount;
  let high = differsAt;
  let marks = [expected.mark(), found.mark()] as const;
  if (await agreeAt(expected, found, high)) return undefined;
  const goBack = (): void => {
    expected.goBack(marks[0]);
    found.goBack(marks[1]);
  };
  goBack();
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (await agreeAt(expected, found, middle)) {
      low = middle;
      marks = [expected.mark(), found.mark()];
    } else {
      high = middle;
      goBack();
    }
  }
  const before = expected.machine.threads().map((thread) => ({ ...thread, cpu: thread.cpu.slice() }));
  const requests = await stepBoth(expected, found, high);
  const instruction = executedInstruction(expected.machine, before);
  const fields = [...requests, ...machineDifferences(expected.machine, found.machine)];
  return {
    agreedAt: low,
    differsAt: high,
    expectedBy: expected.machine.engine,
    foundBy: found.machine.engine,
    fields,
    ...(instruction !== undefined && { instruction }),
    summary: summarise(expected.machine.engine, found.machine.engine, high, instruction, fields),
  };
}

async function stepBoth(expected: Replayer, found: Replayer, icount: number): Promise<DivergentField[]> {
  const fields: DivergentField[] = [];
  for (const replayer of [expected, found]) {
    try {
      await replayer.seek(icount);
    } catch (error) {
      if (!(error instanceof RequestDiverged)) throw error;
      fields.push(...error.report.fields);
    }
  }
  return fields;
}

function summarise(
  expectedBy: string,
  foundBy: string,
  icount: number,
  instruction: Instruction | undefined,
  fields: readonly DivergentField[],
): string {
  const where = instruction === undefined ? '' : ` (${instruction.text} at ${instruction.pc})`;
  const first = fields[0];
  const what =
    first === undefined
      ? 'the states differ'
      : `${first.field} is ${first.found} on ${foundBy} and ${first.expected} on ${expectedBy}`;
  return `instruction ${icount.toString()}${where} is the first that differs: ${what}`;
}

/** The instruction that the machine executed since its threads were as in `before`. */
function executedInstruction(machine: GuestMachine, before: readonly ThreadView[]): Instruction | undefined {
  const after = new Map(machine.threads().map((thread) => [thread.id, thread]));
  const moved = before.find((thread) =>
    thread.cpu.some((byte, at) => byte !== after.get(thread.id)?.cpu[at]),
  );
  const thread = moved ?? before.find(({ state }) => state === 'running') ?? before[0];
  return thread === undefined
    ? undefined
    : instructionAt(machine, readSlot(thread.cpu, machine.isa.layout.pc));
}

/** The instruction at `pc`, where it can be fetched and decoded. */
export function instructionAt(machine: GuestMachine, pc: bigint): Instruction | undefined {
  if (pc >= BigInt(machine.memory.size)) return undefined;
  const address = Number(pc);
  for (let length = machine.isa.maxLength; length > 0; length -= machine.isa.alignment) {
    const bytes = machine.memory.read(address, length, permission.execute);
    if (!(bytes instanceof Uint8Array)) continue;
    const decoded = machine.isa.decode(bytes);
    const named = typeof decoded === 'object' ? bytes.subarray(0, decoded.length) : bytes;
    return {
      pc: hex(pc),
      bytes: [...named].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: typeof decoded === 'object' ? machine.isa.disassemble(decoded, pc) : decoded,
    };
  }
  return undefined;
}

import { hex } from '../../domain/shared/bits.ts';
import type { ThreadView } from '../ports/guest-machine.ts';
import type { SymbolTable } from '../inspection/symbols.ts';
import { instructionAt } from '../recording/first-difference.ts';
import { readSlot } from '../recording/machine-difference.ts';
import type { TimeMachine } from '../travel/time-machine.ts';
import type { PlaceInCode } from './diff-request.ts';

const turnOf = ({ machine }: TimeMachine): ThreadView | undefined => {
  const threads = machine.threads();
  return threads.find(({ state }) => state === 'running') ?? threads[0];
};

const pcOf = ({ machine }: TimeMachine, thread: ThreadView | undefined): bigint =>
  thread === undefined ? 0n : readSlot(thread.cpu, machine.isa.layout.pc);

/** The thread whose turn it is, and the instruction that it is about to execute. */
export function placeInCode(time: TimeMachine, symbols: SymbolTable): PlaceInCode {
  const thread = turnOf(time);
  const pc = pcOf(time, thread);
  const text = instructionAt(time.machine, pc)?.text ?? '(not executable)';
  return { thread: thread?.id ?? 0, pc: hex(pc), text, symbol: symbols.describe(pc) };
}

/** Whether both stand at one instruction of one thread. */
export function samePlace(left: TimeMachine, right: TimeMachine): boolean {
  const [a, b] = [turnOf(left), turnOf(right)];
  return a?.id === b?.id && pcOf(left, a) === pcOf(right, b);
}

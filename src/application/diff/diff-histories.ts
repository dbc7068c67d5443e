import type { Control } from '../control.ts';
import { programSymbols } from '../inspection/program-symbols.ts';
import type { SymbolTable } from '../inspection/symbols.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { ReplayParts } from '../recording/replayer.ts';
import { chosenEngine } from '../run-program.ts';
import { TimeMachine } from '../travel/time-machine.ts';
import { Behaviour, callDifference, outputDifferences } from './behaviour.ts';
import { commonPast } from './common-past.ts';
import type { DiffRequest, DiffResult, DiffSide } from './diff-request.ts';
import { Pair } from './pair.ts';
import { stateDifference } from './state-difference.ts';

interface Side {
  readonly time: TimeMachine;
  readonly behaviour: Behaviour;
  readonly symbols: SymbolTable;
}

/**
 * Compares two recordings, or branches: where they first differ and why, where their ways part, and what differs by register, memory,
 * system call and output. Replays what comes after the first difference of both. Throws `invalid-request` for an instant
 * that one of them does not have.
 */
export async function diffHistories(request: DiffRequest, parts: ReplayParts): Promise<DiffResult> {
  const engine = chosenEngine(parts.guests, request.engine);
  const open = async (recording: string): Promise<Side> => {
    const behaviour = new Behaviour();
    const time = await TimeMachine.open(recording, engine, parts, { output: behaviour.output });
    return { time, behaviour, symbols: await programSymbols(recording, parts.stores) };
  };
  const left = await open(request.left);
  const right = await open(request.right);
  const control: Control = { signal: request.signal, onProgress: request.onProgress };
  const pair = new Pair(left, right, control);
  const at = request.at ?? pair.last;
  if (!Number.isSafeInteger(at) || at < 0 || at > pair.last)
    throw new RecordingError(
      'instant-out-of-range',
      `${request.left} and ${request.right} both have instructions 0 to ${pair.last}; they cannot be compared at ${at}`,
      { at, end: pair.last },
    );
  const past = await commonPast(
    request.left,
    request.right,
    [left.time.index.setup, right.time.index.setup],
    parts.stores.events,
  );
  const first = await pair.firstDifference(past);
  const begin = first && Math.max(0, first.agreedAt);
  const parting = first && (await pair.parting(first.differsAt));
  const behaves = first !== undefined || left.time.index.icount !== right.time.index.icount;
  if (behaves)
    for (const { time, behaviour } of [left, right]) {
      await time.goTo(begin ?? pair.last, { signal: request.signal });
      await behaviour.watch(time, control);
    }
  await pair.goTo(at);
  const state = first && stateDifference(left.time.machine, right.time.machine);
  return {
    left: sideOf(request.left, left),
    right: sideOf(request.right, right),
    cause: past.cause,
    first,
    parting,
    state,
    calls: behaves ? callDifference(left.behaviour, right.behaviour) : undefined,
    output: outputDifferences(left.behaviour, right.behaviour),
  };
}

const sideOf = (recording: string, { time }: Side): DiffSide => ({
  recording,
  icount: time.index.icount,
  end: time.index.end,
});

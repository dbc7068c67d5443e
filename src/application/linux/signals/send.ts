import { type Kernel, processOf, threadsOf, wakeCalls } from '../kernel.ts';
import type { Process, Thread } from '../kernel-state.ts';
import {
  defaultAction,
  defaultEffect,
  handlerDefault,
  handlerIgnore,
  signal,
  signalBit,
  type SignalInfo,
} from './signal.ts';

/** Signals on their way. Standard signals are held once, real-time signals (32 and up) as often as sent. */

const stopSignals = [signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU] as readonly number[];

export const isIgnored = (process: Process, number: number): boolean => {
  const { handler } = process.actions[number]!;
  return handler === handlerIgnore || (handler === handlerDefault && defaultEffect(number) === 'ignore');
};

/** Signals that wait for a thread: its own and its process's, less what it blocks. */
export function deliverable(kernel: Kernel, thread: Thread): bigint {
  const process = processOf(kernel, thread);
  let set = pendingSet(thread.pending);
  for (const { number } of process.pending)
    if (taker(kernel, process, number) === thread) set |= signalBit(number);
  return set & ~thread.blocked;
}

export const pendingSet = (infos: readonly SignalInfo[]): bigint =>
  infos.reduce((set, { number }) => set | signalBit(number), 0n);

/** The thread that a signal to the process goes to: the first that does not block it. */
const taker = (kernel: Kernel, process: Process, number: number): Thread | undefined =>
  threadsOf(kernel, process).find((thread) => (thread.blocked & signalBit(number)) === 0n);

const drop = (kernel: Kernel, process: Process, numbers: readonly number[]): void => {
  const keep = (info: SignalInfo) => !numbers.includes(info.number);
  process.pending = process.pending.filter(keep);
  for (const thread of threadsOf(kernel, process)) thread.pending = thread.pending.filter(keep);
};

function prepare(kernel: Kernel, process: Process, info: SignalInfo): boolean {
  if (info.number === signal.SIGCONT) {
    drop(kernel, process, stopSignals);
    const stopped = threadsOf(kernel, process).filter((thread) => thread.stopped);
    for (const thread of stopped) thread.stopped = false;
    if (stopped.length > 0) process.report = { kind: 'continued', signal: info.number };
  } else if (stopSignals.includes(info.number)) drop(kernel, process, [signal.SIGCONT]);
  if (info.number === signal.SIGKILL) for (const thread of threadsOf(kernel, process)) thread.stopped = false;
  const everyoneBlocks = threadsOf(kernel, process).every(({ blocked }) => blocked & signalBit(info.number));
  return everyoneBlocks || !isIgnored(process, info.number);
}

/** Adds to a queue; gives false when the signal is there already and counts once. */
function enqueue(queue: SignalInfo[], info: SignalInfo): boolean {
  if (info.number < 32 && queue.some(({ number }) => number === info.number)) return false;
  queue.push(info);
  return true;
}

/** To any thread of the process. True when it was queued anew. */
export function sendToProcess(kernel: Kernel, process: Process, info: SignalInfo): boolean {
  if (process.ended || !prepare(kernel, process, info)) return false;
  const queued = enqueue(process.pending, info);
  wakeCalls(kernel);
  return queued;
}

export function sendToThread(kernel: Kernel, thread: Thread, info: SignalInfo): boolean {
  if (!prepare(kernel, processOf(kernel, thread), info)) return false;
  const queued = enqueue(thread.pending, info);
  wakeCalls(kernel);
  return queued;
}

/** A signal that the thread cannot go on without: blocked or ignored, it kills. */
export function forceSignal(kernel: Kernel, thread: Thread, info: SignalInfo): void {
  const process = processOf(kernel, thread);
  const bit = signalBit(info.number);
  if (thread.blocked & bit || process.actions[info.number]!.handler === handlerIgnore) {
    process.actions[info.number] = defaultAction;
    thread.blocked &= ~bit;
  }
  thread.pending = [info, ...thread.pending.filter(({ number }) => number !== info.number)];
}

/** Takes the next signal in `set` off the queues: the thread's first, low numbers first. */
export function takeSignal(process: Process, thread: Thread, set: bigint): SignalInfo | undefined {
  for (const owner of [thread, process]) {
    const wanted = owner.pending.filter(({ number }) => set & signalBit(number));
    const [first] = wanted.sort((a, b) => a.number - b.number);
    if (!first) continue;
    owner.pending = owner.pending.filter((info) => info !== first);
    return first;
  }
  return undefined;
}

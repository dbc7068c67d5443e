import type { Control } from '../control.ts';
import { noStops } from '../ports/stops.ts';
import type { TimeMachine } from '../travel/time-machine.ts';
import type { CallDifference, OutputDifference, SystemCallAt } from './diff-request.ts';

/** What a guest does as seen from outside: its system calls, and what it writes. */
export class Behaviour {
  readonly calls: SystemCallAt[] = [];
  readonly #written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  #watching = false;

  /** Takes what is written while it watches. */
  readonly output = (to: 'stdout' | 'stderr', bytes: Uint8Array): void => {
    if (this.#watching) this.#written[to].push(bytes.slice());
  };

  written(to: 'stdout' | 'stderr'): string {
    const decoder = new TextDecoder('utf-8');
    return (
      this.#written[to].map((bytes) => decoder.decode(bytes, { stream: true })).join('') + decoder.decode()
    );
  }

  /** Watches a machine from where it stands to its recording's end. */
  async watch(time: TimeMachine, { signal, onProgress }: Control): Promise<void> {
    const observation = {
      stops: noStops,
      kinds: new Set(['system-call'] as const),
      see: (event: { kind: string; icount: number; thread: number; call?: string }) => {
        if (event.call !== undefined) {
          const { icount, thread, call } = event;
          this.calls.push({ icount, thread, call });
        }
        return false;
      },
    };
    this.#watching = true;
    const end = time.index.icount;
    while (time.machine.icount < end && time.machine.status.kind === 'running') {
      const from = time.machine.icount;
      await time.run(Math.min(end, from + portion), signal, observation);
      signal?.throwIfAborted();
      onProgress?.({ icount: time.machine.icount, total: end });
      if (time.machine.icount === from) break;
    }
    this.#watching = false;
  }
}

/** Instructions between two reports of progress. */
const portion = 2 ** 26;

/** Compares calls by thread and name, in order. */
export function callDifference(left: Behaviour, right: Behaviour): CallDifference {
  const [a, b] = [left.calls, right.calls];
  let same = 0;
  while (
    same < a.length &&
    same < b.length &&
    a[same]!.thread === b[same]!.thread &&
    a[same]!.call === b[same]!.call
  )
    same++;
  const differ = same < a.length || same < b.length;
  return {
    left: a.length,
    right: b.length,
    same,
    first: differ ? { left: a[same], right: b[same] } : undefined,
  };
}

/** The lines in which the outputs differ, without those that begin and end both. */
export function outputDifferences(left: Behaviour, right: Behaviour): readonly OutputDifference[] {
  return (['stdout', 'stderr'] as const).flatMap((to) => {
    const [a, b] = [left.written(to), right.written(to)].map(linesOf) as [string[], string[]];
    if (a.length === b.length && a.every((line, at) => line === b[at])) return [];
    let begin = 0;
    while (begin < Math.min(a.length, b.length) && a[begin] === b[begin]) begin++;
    let end = 0;
    while (end < Math.min(a.length, b.length) - begin && a.at(-1 - end) === b.at(-1 - end)) end++;
    const middle = (lines: string[]) => lines.slice(begin, lines.length - end);
    return [{ to, left: middle(a), right: middle(b) }];
  });
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

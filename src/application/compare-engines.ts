import type { DivergenceReport } from '../domain/virtual-machine/divergence.ts';
import type { CompareRequest, CompareResult, Control } from './isochron.ts';
import { bisectReplays } from './recording/first-difference.ts';
import { RequestDiverged } from './recording/replayed-host.ts';
import { Replayer, type ReplayParts } from './recording/replayer.ts';
import { startingPoint } from './recording/starting-point.ts';
import { recordingOutline } from './replay-recording.ts';
import { chosenEngine } from './run-program.ts';

/**
 * Replays one recording on two engines in lock-step and compares their whole states at every point. Where they
 * differ, the first differing instruction and its fields are found by bisection.
 */
export async function compareEngines(request: CompareRequest, parts: ReplayParts): Promise<CompareResult> {
  const { recording, engines } = request;
  for (const engine of engines) chosenEngine(parts.guests, engine);
  const outline = await recordingOutline(recording, parts);
  const until = Math.min(outline.icount, request.until ?? Number.MAX_SAFE_INTEGER);
  const control: Control = {
    signal: request.signal,
    onProgress: ({ icount }) => request.onProgress?.({ icount, total: until }),
  };
  const [expected, found] = await Promise.all(
    engines.map((engine) => Replayer.open(recording, engine, parts)),
  );
  const pair = new Pair(expected!, found!);
  try {
    const divergedAt = await pair.follow(until, request.every ?? Infinity, control);
    const divergence =
      divergedAt === undefined
        ? undefined
        : await locate(recording, engines, pair.agreedAt, divergedAt, parts);
    return {
      recording,
      engines,
      icount: divergence?.agreedAt ?? pair.agreedAt,
      comparisons: pair.comparisons,
      complete: divergence === undefined && pair.agreedAt >= outline.icount,
      divergence,
    };
  } finally {
    await expected!.close();
    await found!.close();
  }
}

/** Two replays of one recording, driven to the same points. */
class Pair {
  readonly #expected: Replayer;
  readonly #found: Replayer;
  agreedAt = 0;
  comparisons = 0;

  constructor(expected: Replayer, found: Replayer) {
    this.#expected = expected;
    this.#found = found;
  }

  /** Compares at every recorded point, and every so many instructions; gives the count by which the two differ, or undefined. */
  async follow(until: number, every: number, control: Control): Promise<number | undefined> {
    if (!this.#equal()) return 0;
    for (;;) {
      const limit = Math.min(until, this.agreedAt + every);
      const next: number[] = [];
      let last = false;
      for (const replayer of [this.#expected, this.#found]) {
        const ahead = await this.#guarded(() => replayer.nextPoint(control, limit));
        const point = ahead && ahead.icount <= limit ? ahead : undefined;
        const target = point?.icount ?? limit;
        next.push(target);
        await this.#guarded(async () => {
          await replayer.advanceTo(target, control);
          if (control.signal?.aborted === true) return;
          if (point?.kind === 'event' && point.event.type === 'MachineExited') await replayer.finish(target);
        });
        if (point) replayer.passPoint();
        last ||= target >= until || point?.kind === 'cut-off';
      }
      if (control.signal?.aborted === true) return undefined;
      const reached = Math.max(...next);
      if (!this.#equal()) return reached;
      this.agreedAt = reached;
      if (last) return undefined;
    }
  }

  #diverged = false;

  async #guarded<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RequestDiverged)) throw error;
      this.#diverged = true;
      return undefined;
    }
  }

  #equal(): boolean {
    this.comparisons++;
    const [left, right] = [this.#expected.machine, this.#found.machine];
    return !this.#diverged && left.icount === right.icount && left.digest() === right.digest();
  }
}

async function locate(
  recording: string,
  engines: readonly [string, string],
  agreedAt: number,
  differsAt: number,
  parts: ReplayParts,
): Promise<DivergenceReport> {
  const from = await startingPoint(recording, agreedAt, parts.stores);
  const expected = await Replayer.open(recording, engines[0], parts, { from });
  const found = await Replayer.open(recording, engines[1], parts, { from });
  try {
    await expected.seek(agreedAt);
    await found.seek(agreedAt);
    const located = await bisectReplays(expected, found, Math.max(differsAt, agreedAt + 1));
    if (located !== undefined) return located;
    return {
      agreedAt,
      differsAt,
      expectedBy: engines[0],
      foundBy: engines[1],
      fields: [{ field: 'digest', expected: 'equal', found: 'different' }],
      summary: `the engines differed between instructions ${agreedAt.toString()} and ${differsAt.toString()}, but not when run again: one of them is not deterministic`,
    };
  } finally {
    await expected.close();
    await found.close();
  }
}

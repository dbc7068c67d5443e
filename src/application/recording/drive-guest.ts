import { nextDigestPoint } from '../../domain/virtual-machine/schedule.ts';
import type { Control } from '../control.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { Recorder } from './recorder.ts';
import type { RunStatus } from './recording-end.ts';
import { Slices } from './slices.ts';

export interface Driving extends Control {
  readonly machine: GuestMachine;
  readonly recorder: Recorder | undefined;
  readonly clock: HostClock;
  readonly digestInterval: number;
  /** Stop once exactly this many instructions have retired. */
  readonly limit: number;
}

/** Runs a guest to its end, the limit or an abort, recording as it goes; what was recorded is kept when the run itself fails. */
export async function driveGuest(driving: Driving): Promise<RunStatus> {
  const { machine, recorder, clock, digestInterval, limit, signal, onProgress } = driving;
  const slices = new Slices(clock);
  try {
    while (machine.status.kind === 'running') {
      if (signal?.aborted === true) return { kind: 'stopped', reason: 'interrupted' };
      if (machine.icount >= limit) return { kind: 'stopped', reason: 'instruction-limit' };
      const from = machine.icount;
      machine.advance(Math.min(slices.begin(from), nextDigestPoint(from, digestInterval), limit));
      slices.end(machine.icount - from);
      await recorder?.sliceEnded();
      onProgress?.({
        icount: machine.icount,
        ...(limit < Number.MAX_SAFE_INTEGER && { total: limit }),
      });
      if (machine.status.kind === 'running') await clock.turn();
    }
  } catch (error) {
    await recorder?.keep();
    throw error;
  }
  return machine.status;
}

/** System calls that the guest was told are not implemented, by name. */
export const unsupportedCalls = ({ unsupported }: GuestMachine): Readonly<Record<string, number>> =>
  Object.fromEntries([...unsupported].sort(([a], [b]) => (a < b ? -1 : 1)));

import type { MachineEvent } from '../../domain/virtual-machine/events.ts';
import type { GuestStatus } from '../ports/guest-machine.ts';

/** How a run ended: the guest's own end, or ours (`stopped`). */
export type RunStatus =
  | Exclude<GuestStatus, { readonly kind: 'running' }>
  | { readonly kind: 'stopped'; readonly reason: 'instruction-limit' | 'interrupted' };

/**
 * How a recording ends: with the guest, with a deliberate stop, cut off (its process died while it recorded), or, for a branch, with a
 * question that its parent does not answer.
 */
export type RecordingEnd =
  RunStatus | { readonly kind: 'cut-off' } | { readonly kind: 'unanswered'; readonly call: string };

/** The end that an event is, if it is one. */
export function endOf(event: MachineEvent): RecordingEnd | undefined {
  switch (event.type) {
    case 'MachineExited':
      return event.data.status;
    case 'MachineStopped':
      return { kind: 'stopped', reason: event.data.reason };
    case 'RequestUnanswered':
      return { kind: 'unanswered', call: event.data.call };
    default:
      return undefined;
  }
}

/** The last instant at which the guest is there: the last instruction of one that exits leaves nothing. */
export const lastInstant = (end: RecordingEnd, icount: number): number =>
  end.kind === 'exited' || endsWithin(end) ? Math.max(0, icount - 1) : icount;

/** Whether the recording ends within an instruction that cannot be completed: its replies run out there. */
export const endsWithin = ({ kind }: RecordingEnd): boolean => kind === 'cut-off' || kind === 'unanswered';

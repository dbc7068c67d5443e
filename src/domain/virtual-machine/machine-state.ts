import type { Digest } from '../shared/digest.ts';
import type { GuestEnd, MachineCreatedData, MachineEvent, MachineStoppedData } from './events.ts';

/** What its events make of a machine: `evolve` is total and never throws. */
export type MachineState =
  | { readonly status: 'absent' }
  | { readonly status: 'created'; readonly setup: MachineCreatedData }
  | Running
  | Ended;

interface Progressed {
  readonly setup: MachineCreatedData;
  readonly icount: number;
  readonly digest: Digest;
  readonly chain: Digest;
  /** Host replies so far. */
  readonly replies: number;
  /** How often it was forked: 0 for what was recorded itself. */
  readonly forks: number;
  /** Instruction counts that have a checkpoint, ascending, with the snapshot's blob. */
  readonly checkpoints: readonly { readonly icount: number; readonly snapshot: Digest }[];
}

export interface Running extends Progressed {
  readonly status: 'running';
  /** Where the last digest stands. */
  readonly advancedTo: number;
}

export interface Ended extends Progressed {
  readonly status: 'ended';
  readonly end:
    | GuestEnd
    | { readonly kind: 'stopped'; readonly reason: MachineStoppedData['reason'] }
    | { readonly kind: 'unanswered'; readonly call: string };
  readonly unsupported: Readonly<Record<string, number>>;
}

export function evolve(state: MachineState, event: MachineEvent): MachineState {
  if (event.type === 'MachineCreated')
    return state.status === 'absent' ? { status: 'created', setup: event.data } : state;
  if (event.type === 'MachineStarted') {
    if (state.status !== 'created') return state;
    const { digest, chain } = event.data;
    const { setup } = state;
    return {
      status: 'running',
      setup,
      icount: 0,
      advancedTo: 0,
      digest,
      chain,
      replies: 0,
      forks: 0,
      checkpoints: [],
    };
  }
  if (state.status !== 'running') return state;
  const { icount } = event.data;
  switch (event.type) {
    case 'HostReplied':
      return { ...state, icount, replies: state.replies + 1 };
    case 'ExecutionAdvanced': {
      const { digest, chain } = event.data;
      return { ...state, icount, advancedTo: icount, digest, chain };
    }
    case 'CheckpointTaken':
      return { ...state, icount, checkpoints: [...state.checkpoints, event.data] };
    case 'MachineExited': {
      const { digest, chain, status: end, unsupported } = event.data;
      return ended(state, { icount, digest, chain, end, unsupported });
    }
    case 'MachineStopped': {
      const { digest, chain, reason, unsupported } = event.data;
      return ended(state, { icount, digest, chain, end: { kind: 'stopped', reason }, unsupported });
    }
    case 'MachineForked': {
      const { digest, chain } = event.data;
      return { ...state, icount, advancedTo: icount, digest, chain, forks: state.forks + 1 };
    }
    case 'RequestUnanswered': {
      const { digest, chain } = state;
      const end = { kind: 'unanswered', call: event.data.call } as const;
      return ended(state, { icount, digest, chain, end, unsupported: {} });
    }
  }
}

function ended(
  { setup, replies, forks, checkpoints }: Running,
  end: Pick<Ended, 'icount' | 'digest' | 'chain' | 'end' | 'unsupported'>,
): Ended {
  return { status: 'ended', setup, replies, forks, checkpoints, ...end };
}

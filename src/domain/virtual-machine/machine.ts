import type { Decider } from '../shared/decider.ts';
import type { Digest, HashFunction } from '../shared/digest.ts';
import { ok, refuse, type Result } from '../shared/result.ts';
import type {
  GuestEnd,
  HostRepliedData,
  MachineCreatedData,
  MachineEvent,
  MachineForkedData,
  MachineStoppedData,
  RequestUnansweredData,
} from './events.ts';
import { evolve, type MachineState, type Running } from './machine-state.ts';
import { chainLink, isCheckpointPoint, isDigestPoint, paysForPages } from './schedule.ts';

/**
 * The VirtualMachine aggregate. Laws: a machine is created once, starts once and ends once; its instruction count
 * never goes back; digests and checkpoints stand where the schedule has them; nothing follows the end. A branch is the
 * machine of its parent's events up to the fork and its own: forking it changes its state, and only a machine that was
 * forked may be left without an answer.
 */
export type MachineCommand =
  | { readonly type: 'CreateMachine'; readonly setup: MachineCreatedData }
  | { readonly type: 'StartMachine'; readonly entry: string; readonly digest: Digest }
  | ({ readonly type: 'RecordReply' } & HostRepliedData)
  | ({ readonly type: 'AdvanceExecution'; readonly digest: Digest } & Due)
  | ({ readonly type: 'TakeCheckpoint'; readonly snapshot: Digest } & Due)
  | ({ readonly type: 'ExitMachine'; readonly status: GuestEnd } & Ending)
  | ({ readonly type: 'StopMachine'; readonly reason: MachineStoppedData['reason'] } & Ending)
  | ({ readonly type: 'ForkMachine' } & Omit<MachineForkedData, 'chain'>)
  | ({ readonly type: 'LeaveUnanswered' } & RequestUnansweredData);

interface Due {
  readonly icount: number;
  /** Pages that may have changed since the last digest, or since the last checkpoint. */
  readonly changedPages: number;
}

interface Ending {
  readonly icount: number;
  readonly digest: Digest;
  readonly unsupported: Readonly<Record<string, number>>;
}

export type MachineRefusal =
  | {
      readonly reason:
        'already-created' | 'not-created' | 'already-started' | 'not-running' | 'ended' | 'not-forked';
    }
  | { readonly reason: 'invalid-setup'; readonly what: string }
  | { readonly reason: 'count-went-back'; readonly icount: number; readonly reached: number }
  | { readonly reason: 'not-a-digest-point'; readonly icount: number; readonly interval: number }
  | { readonly reason: 'not-a-checkpoint-point'; readonly icount: number };

type Decision = Result<readonly MachineEvent[], MachineRefusal>;

/** The decider; `hash` links the digest chain. */
export const createMachineDecider = (
  hash: HashFunction,
): Decider<MachineCommand, MachineState, MachineEvent, MachineRefusal> => ({
  initial: { status: 'absent' },
  decide(command, state) {
    switch (command.type) {
      case 'CreateMachine':
        if (state.status !== 'absent') return refuse({ reason: 'already-created' });
        return create(command.setup);
      case 'StartMachine': {
        if (state.status === 'absent') return refuse({ reason: 'not-created' });
        if (state.status === 'ended') return refuse({ reason: 'ended' });
        if (state.status === 'running') return refuse({ reason: 'already-started' });
        const chain = chainLink(hash, undefined, 0, command.digest);
        const data = { entry: command.entry, digest: command.digest, chain };
        return ok([{ type: 'MachineStarted', version: 1, data }]);
      }
      default:
        if (state.status === 'ended') return refuse({ reason: 'ended' });
        if (state.status !== 'running') return refuse({ reason: 'not-running' });
        if (command.icount < state.icount)
          return refuse({ reason: 'count-went-back', icount: command.icount, reached: state.icount });
        return progress(command, state, hash);
    }
  },
  evolve,
});

type ProgressCommand = Exclude<MachineCommand, { type: 'CreateMachine' | 'StartMachine' }>;

function progress(command: ProgressCommand, state: Running, hash: HashFunction): Decision {
  const { icount } = command;
  switch (command.type) {
    case 'RecordReply': {
      const { call, request, reply } = command;
      return ok([{ type: 'HostReplied', version: 1, data: { icount, call, request, reply } }]);
    }
    case 'AdvanceExecution': {
      if (!isDigestDue(state, icount, command.changedPages))
        return refuse({ reason: 'not-a-digest-point', icount, interval: state.setup.digestInterval });
      const chain = chainLink(hash, state.chain, icount, command.digest);
      return ok([{ type: 'ExecutionAdvanced', version: 1, data: { icount, digest: command.digest, chain } }]);
    }
    case 'TakeCheckpoint':
      if (!isCheckpointDue(state, icount, command.changedPages))
        return refuse({ reason: 'not-a-checkpoint-point', icount });
      return ok([{ type: 'CheckpointTaken', version: 1, data: { icount, snapshot: command.snapshot } }]);
    case 'ExitMachine': {
      const { status, digest, unsupported } = command;
      const chain = chainLink(hash, state.chain, icount, digest);
      return ok([
        { type: 'MachineExited', version: 1, data: { icount, status, digest, chain, unsupported } },
      ]);
    }
    case 'StopMachine': {
      const { reason, digest, unsupported } = command;
      const chain = chainLink(hash, state.chain, icount, digest);
      return ok([
        { type: 'MachineStopped', version: 1, data: { icount, reason, digest, chain, unsupported } },
      ]);
    }
    case 'ForkMachine': {
      const { parent, revision, edits, digest } = command;
      const chain = chainLink(hash, state.chain, icount, digest);
      return ok([
        { type: 'MachineForked', version: 1, data: { parent, revision, icount, edits, digest, chain } },
      ]);
    }
    case 'LeaveUnanswered': {
      if (state.forks === 0) return refuse({ reason: 'not-forked' });
      const { call, request } = command;
      return ok([{ type: 'RequestUnanswered', version: 1, data: { icount, call, request } }]);
    }
  }
}

/** Whether a running machine takes a digest at `icount`, if `changedPages` may have changed since the last one. */
export function isDigestDue(state: MachineState, icount: number, changedPages: number): boolean {
  if (state.status !== 'running') return false;
  const { digestInterval } = state.setup;
  return (
    icount > state.advancedTo &&
    isDigestPoint(icount, digestInterval) &&
    paysForPages(icount - state.advancedTo, changedPages, digestInterval)
  );
}

/** Whether a running machine takes a checkpoint at `icount`, where it has a digest. */
export function isCheckpointDue(state: MachineState, icount: number, changedPages: number): boolean {
  if (state.status !== 'running' || icount !== state.advancedTo) return false;
  const { checkpointInterval } = state.setup;
  const last = state.checkpoints.at(-1)?.icount ?? 0;
  return (
    icount > last &&
    isCheckpointPoint(icount, checkpointInterval) &&
    paysForPages(icount - last, changedPages, checkpointInterval)
  );
}

function create(setup: MachineCreatedData): Decision {
  const { digestInterval, checkpointInterval } = setup;
  const positive = (count: number): boolean => Number.isSafeInteger(count) && count > 0;
  const invalid = (what: string): Decision => refuse({ reason: 'invalid-setup', what });
  if (!positive(digestInterval)) return invalid('the digest interval must be a positive integer');
  if (!positive(checkpointInterval) || checkpointInterval % digestInterval !== 0)
    return invalid('the checkpoint interval must be a positive multiple of the digest interval');
  if (!positive(setup.memorySize)) return invalid('the memory size must be a positive number of bytes');
  if (!/^\d+$/.test(setup.epoch)) return invalid('the epoch must be nanoseconds since 1970, decimal');
  if (!setup.program.path.startsWith('/')) return invalid('the program needs an absolute guest path');
  return ok([{ type: 'MachineCreated', version: 1, data: setup }]);
}

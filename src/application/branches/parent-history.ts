import type { HashFunction } from '../../domain/shared/digest.ts';
import { createMachineDecider } from '../../domain/virtual-machine/machine.ts';
import type { MachineState } from '../../domain/virtual-machine/machine-state.ts';
import type { MachineEvent } from '../../domain/virtual-machine/events.ts';
import { restoreReply } from '../recording/host-reply.ts';
import type { Stores } from '../recording/journal.ts';
import { recordedEvents } from '../recording/recorded-events.ts';
import { endOf } from '../recording/recording-end.ts';
import type { ReplyToGive } from '../recording/replayed-host.ts';

/** A history as a branch sees it that departs from it at some instant. */
export interface ParentHistory {
  /** The last event that belongs to the branch too. */
  readonly revision: number;
  /** What the events up to there make of the machine. */
  readonly state: MachineState;
  /** Bytes of standard input that were read by then. */
  readonly stdinRead: number;
  /** Whether it read mounted files, before or after it. */
  readonly readsFiles: boolean;
  /** The replies that came after it. */
  readonly replies: readonly ReplyToGive[];
}

/** Where a replay of a history stands: at instruction `icount`, `given` replies of those from event `from` on given. */
interface Standing {
  readonly icount: number;
  readonly from: number;
  readonly given: number;
}

/** Reads a history as it is for a branch that departs where a replay stands. */
export async function readParent(
  history: string,
  { icount, from, given }: Standing,
  { stores, hash }: { readonly stores: Stores; readonly hash: HashFunction },
): Promise<ParentHistory> {
  const { initial, evolve } = createMachineDecider(hash);
  let state = initial;
  let revision = -1;
  let before = true;
  let stdinRead = 0;
  let seen = 0;
  let readsFiles = false;
  const replies: ReplyToGive[] = [];
  for await (const { revision: at, event } of recordedEvents(stores.events, history)) {
    const isReply = event.type === 'HostReplied';
    before &&= at < from || (isReply ? seen < given : !isAfter(event, icount));
    if (isReply && at >= from) seen++;
    readsFiles ||= isReply && event.data.call === 'read';
    if (before) {
      state = evolve(state, event);
      revision = at;
      if (isReply && event.data.call === 'readStdin') stdinRead += lengthOf(event.data.reply);
    } else if (isReply) {
      const { icount: asked, call, request } = event.data;
      const reply = await restoreReply(event.data.reply, stores.blobs);
      replies.push({ revision: at, icount: asked, call, request, reply });
    }
  }
  return { revision, state, stdinRead, readsFiles, replies };
}

const isAfter = (event: MachineEvent, icount: number): boolean =>
  endOf(event) !== undefined || ('icount' in event.data && event.data.icount > icount);

function lengthOf(reply: Extract<MachineEvent, { type: 'HostReplied' }>['data']['reply']): number {
  const bytes = reply.ok ? reply.bytes : undefined;
  if (bytes === undefined) return 0;
  return 'blob' in bytes ? bytes.length : atob(bytes.base64).length;
}

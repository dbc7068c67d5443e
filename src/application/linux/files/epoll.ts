/**
 * epoll(7) instances. Laws: a level-triggered item is reported while it is ready; an edge-triggered one when it is
 * ready and its file has moved since the last report; a one-shot one once until it is armed again.
 */
import type { EpollItem, FileSystem, OpenFile, OpenObject } from './file-system-state.ts';
import { pollEvent, readable } from './modes.ts';
import type { FileOperations, Readiness } from './open-files.ts';

export type EpollFile = Extract<OpenObject, { kind: 'epoll' }>;

export const epollFlag = {
  edgeTriggered: 2 ** 31,
  oneShot: 2 ** 30,
  wakeUp: 2 ** 29,
  exclusive: 2 ** 28,
} as const;
const flagMask = 0x0fffffff;
const outbound = pollEvent.out | pollEvent.writeNormal | pollEvent.writeBand;

export const itemKey = (fd: number, file: number): string => `${String(fd)}:${String(file)}`;

/** The events that `item` has to report, and what its file says. */
export function itemEvents(
  fileSystem: FileSystem,
  item: EpollItem,
  readiness: (file: OpenFile) => Readiness,
): { readonly events: number; readonly state: Readiness } {
  const file = fileSystem.state.files.get(item.file);
  if (file === undefined || item.disabled)
    return { events: 0, state: { events: 0, inEdges: 0, outEdges: 0 } };
  const state = readiness(file);
  const events = state.events & ((item.events & flagMask) | pollEvent.error | pollEvent.hangUp);
  if (events === 0 || (item.events & epollFlag.edgeTriggered) === 0) return { events, state };
  const moved =
    (state.inEdges !== item.seenIn && (item.events & ~outbound & flagMask) !== 0) ||
    (state.outEdges !== item.seenOut && (item.events & outbound) !== 0);
  return { events: moved ? events : 0, state };
}

/** Up to `limit` ready items, first come first served, marked as reported. */
export function harvest(
  fileSystem: FileSystem,
  epoll: EpollFile,
  limit: number,
  readiness: (file: OpenFile) => Readiness,
): { readonly ready: readonly { events: number; data: bigint }[]; readonly deadline: bigint | undefined } {
  const ready: { events: number; data: bigint }[] = [];
  let deadline: bigint | undefined;
  for (const [key, item] of [...epoll.items]) {
    const { events, state } = itemEvents(fileSystem, item, readiness);
    if (state.deadline !== undefined && (deadline === undefined || state.deadline < deadline))
      deadline = state.deadline;
    if (events === 0 || ready.length >= limit) continue;
    ready.push({ events, data: item.data });
    item.seenIn = state.inEdges;
    item.seenOut = state.outEdges;
    if ((item.events & epollFlag.oneShot) !== 0) item.disabled = true;
    // Reported items go to the back of the queue, so that `limit` starves none.
    epoll.items.delete(key);
    epoll.items.set(key, item);
  }
  return { ready, deadline };
}

export const epollOperations: FileOperations<EpollFile> = {
  readiness(world, { object }, of) {
    let events = 0;
    let inEdges = object.ready;
    let deadline: bigint | undefined;
    for (const item of object.items.values()) {
      const { events: found, state } = itemEvents(world.fileSystem, item, of);
      if (found !== 0) events = readable;
      inEdges += state.inEdges + state.outEdges;
      if (state.deadline !== undefined && (deadline === undefined || state.deadline < deadline))
        deadline = state.deadline;
    }
    return { events, inEdges, outEdges: 0, deadline };
  },
};

/** epoll_create1, epoll_ctl, epoll_pwait, epoll_pwait2. epoll(7). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { installObject } from './descriptor-calls.ts';
import { type EpollFile, epollFlag, harvest, itemKey } from './epoll.ts';
import type { EpollItem, OpenFile } from './file-system-state.ts';
import { openFlag } from './modes.ts';
import { type Readiness, fileOf } from './open-files.ts';
import { operationsOf, readinessOf } from './operations.ts';
import { blockMask, timeoutIn, waitOrEnd } from './poll-calls.ts';
import { canWrite, copyOut, int, size, uint, viewIn } from './user-memory.ts';

/** struct epoll_event is 16 bytes, not packed, on every architecture but x86-64. */
const eventSize = 16;
const deepest = 5;

const isEpoll = (file: OpenFile): file is OpenFile<EpollFile> => file.object.kind === 'epoll';

/** How deep the epoll instances below `file` nest; more than the limit when `origin` is among them (a loop). */
function depth(call: SystemCallContext, file: OpenFile, origin: number): number {
  if (!isEpoll(file)) return 0;
  if (file.number === origin) return deepest + 1;
  let below = 0;
  for (const item of file.object.items.values()) {
    const inner = call.fileSystem.state.files.get(item.file);
    if (inner !== undefined) below = Math.max(below, depth(call, inner, origin));
  }
  return below + 1;
}

const operation = { add: 1, remove: 2, modify: 3 } as const;
const exclusiveMay =
  epollFlag.exclusive | epollFlag.edgeTriggered | epollFlag.wakeUp | 0x001 | 0x004 | 0x008 | 0x010;

function control(call: SystemCallContext): number {
  const [what, fd] = [int(call.args[1]), int(call.args[2])];
  const view = what === operation.remove ? undefined : viewIn(call.memory, size(call.args[3]), eventSize);
  if (typeof view === 'number') return view;
  const epoll = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof epoll === 'number') return epoll;
  const file = fileOf(call.fileSystem, call.files.table, fd);
  if (typeof file === 'number') return file;
  const pollable = operationsOf(file).readiness !== undefined;
  if (
    !pollable ||
    file.object.kind === 'file' ||
    file.object.kind === 'host' ||
    file.object.kind === 'generated'
  )
    return errno.EPERM;
  if (!isEpoll(epoll) || file.number === epoll.number) return errno.EINVAL;
  const key = itemKey(fd, file.number);
  const item = epoll.object.items.get(key);
  if (what === operation.remove) {
    if (item === undefined) return errno.ENOENT;
    epoll.object.items.delete(key);
    return 0;
  }
  if (view === undefined || (what !== operation.add && what !== operation.modify)) return errno.EINVAL;
  const events = view.getUint32(0, true);
  const data = view.getBigUint64(8, true);
  if ((events & epollFlag.exclusive) !== 0) {
    if (what === operation.modify || isEpoll(file) || (events & ~exclusiveMay) !== 0) return errno.EINVAL;
  }
  if (what === operation.modify) {
    if (item === undefined) return errno.ENOENT;
    if ((item.events & epollFlag.exclusive) !== 0) return errno.EINVAL;
  } else {
    if (item !== undefined) return errno.EEXIST;
    if (depth(call, file, epoll.number) >= deepest) return errno.ELOOP;
  }
  const fresh: EpollItem = { fd, file: file.number, events, data, disabled: false, seenIn: -1, seenOut: -1 };
  epoll.object.items.set(key, fresh);
  // Arming is an edge of its own: an instance that watches this one hears of it.
  epoll.object.ready++;
  call.changed();
  return 0;
}

function wait(call: SystemCallContext, timeout: bigint | undefined): SystemCallOutcome {
  const limit = int(call.args[2]);
  if (limit <= 0 || limit > 0x7ffffff) return errno.EINVAL;
  const address = size(call.args[1]);
  const epoll = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof epoll === 'number') return epoll;
  if (!isEpoll(epoll)) return errno.EINVAL;
  const masked = blockMask(call, call.args[4], call.args[5]);
  if (masked < 0) return masked;
  const count = Math.min(limit, epoll.object.items.size);
  if (!canWrite(call.memory, { address, length: count * eventSize })) return errno.EFAULT;
  const readiness = (file: OpenFile): Readiness => readinessOf(call, file);
  const { ready, deadline } = harvest(call.fileSystem, epoll.object, count, readiness);
  if (ready.length === 0) return waitOrEnd(call, 'epoll', timeout, deadline);
  const view = new DataView(new ArrayBuffer(ready.length * eventSize));
  for (const [index, { events, data }] of ready.entries()) {
    view.setUint32(index * eventSize, events, true);
    view.setBigUint64(index * eventSize + 8, data, true);
  }
  const put = copyOut(call.memory, address, new Uint8Array(view.buffer));
  return put < 0 ? put : ready.length;
}

export const epollCalls: Readonly<Record<string, SystemCallHandler>> = {
  epoll_create1(call) {
    const flags = uint(call.args[0]);
    if ((flags & ~openFlag.closeOnExec) !== 0) return errno.EINVAL;
    return installObject(call, { kind: 'epoll', items: new Map(), ready: 0 }, flags);
  },
  epoll_ctl: control,
  epoll_pwait(call) {
    const milliseconds = int(call.args[3]);
    return wait(call, milliseconds < 0 ? undefined : BigInt(milliseconds) * 1_000_000n);
  },
  epoll_pwait2(call) {
    const timeout = timeoutIn(call, call.args[3]);
    return typeof timeout === 'number' ? timeout : wait(call, timeout);
  },
};

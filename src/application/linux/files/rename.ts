/** Moves an entry of a directory to another name. rename(2). */
import { errno } from '../errno.ts';
import type { SystemCallContext } from '../system-call.ts';
import { hostPath, memoryDirectory } from './at-path.ts';
import type { DirectoryInode, Inode, Location } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { inodeAt, unlink } from './inodes.ts';
import { parentOf, sameLocation } from './name-space.ts';
import type { Resolution } from './path-resolution.ts';

type HostLocation = Extract<Location, { kind: 'host' }>;

/** Both ends are resolved, changeable and not the same. `exchange`: both exist and swap. */
export function moveEntry(
  call: SystemCallContext,
  from: Resolution,
  to: Resolution,
  exchange: boolean,
): number {
  const source = from.entry!;
  if (contains(call, source.at, to.parent)) return errno.EINVAL;
  if (to.entry !== undefined) {
    if (contains(call, to.entry.at, from.parent)) return exchange ? errno.EINVAL : errno.ENOTEMPTY;
    if (!exchange && source.kind === 'directory' && to.entry.kind !== 'directory') return errno.ENOTDIR;
    if (!exchange && source.kind !== 'directory' && to.entry.kind === 'directory') return errno.EISDIR;
  }
  if (from.parent.kind === 'host' && to.parent.kind === 'host') {
    if (exchange) return errno.EINVAL;
    return moveOnHost(call, from.parent, from, to);
  }
  const [left, right] = [memoryDirectory(call, from.parent), memoryDirectory(call, to.parent)];
  if (left === undefined || right === undefined) return errno.EXDEV;
  // What is covered by a mount, and what only /proc has, stays where it is.
  if (source.at.kind !== 'memory' || (to.entry !== undefined && to.entry.at.kind !== 'memory'))
    return errno.EBUSY;
  return moveInMemory(call, left, from.name, right, to.name, exchange);
}

/** Whether `inner` is `outer` or below it. */
function contains(call: SystemCallContext, outer: Location, inner: Location): boolean {
  for (let at = inner; ;) {
    if (sameLocation(at, outer)) return true;
    const up = parentOf(call, at);
    if (sameLocation(up, at)) return false;
    at = up;
  }
}

function settle(directory: DirectoryInode, name: string, inode: Inode, now: bigint): void {
  directory.entries.set(name, inode.number);
  if (inode.kind === 'directory') {
    inode.parent = { kind: 'memory', inode: directory.number };
    directory.links++;
  }
  inode.changed = directory.changed = directory.modified = now;
}

function moveInMemory(
  call: SystemCallContext,
  left: DirectoryInode,
  leftName: string,
  right: DirectoryInode,
  rightName: string,
  exchange: boolean,
): number {
  const { fileSystem, realtime } = call;
  const source = inodeAt(fileSystem, left.entries.get(leftName)!);
  const number = right.entries.get(rightName);
  const target = number === undefined ? undefined : inodeAt(fileSystem, number);
  if (target !== undefined && !exchange) {
    if (target.kind === 'directory' && target.entries.size > 0) return errno.ENOTEMPTY;
    unlink(fileSystem, right, rightName, realtime);
  }
  left.entries.delete(leftName);
  if (source.kind === 'directory') left.links--;
  left.changed = left.modified = realtime;
  if (target !== undefined && exchange) {
    right.entries.delete(rightName);
    if (target.kind === 'directory') right.links--;
    settle(left, leftName, target, realtime);
  }
  settle(right, rightName, source, realtime);
  return 0;
}

function moveOnHost(call: SystemCallContext, parent: HostLocation, from: Resolution, to: Resolution): number {
  const target: HostLocation = {
    ...(to.parent as HostLocation),
    path: [...(to.parent as HostLocation).path, to.name],
  };
  const source: HostLocation = { ...parent, path: [...parent.path, from.name] };
  if (source.mount !== target.mount) return errno.EXDEV;
  if (from.entry!.at.kind !== 'host' || from.entry!.at.mount !== source.mount) return errno.EBUSY;
  if (to.entry !== undefined && (to.entry.at.kind !== 'host' || to.entry.at.mount !== target.mount))
    return errno.EBUSY;
  const reply = ask(call.host, { call: 'rename', from: hostPath(source), to: hostPath(target) });
  if (typeof reply === 'number') return reply;
  followMove(call, source, target);
  return 0;
}

/** Working directories and open directories below a moved one go with it, as they would by inode. */
function followMove(call: SystemCallContext, source: HostLocation, target: HostLocation): void {
  const moved = <L extends Location>(at: L): L => {
    if (at.kind !== 'host' || at.mount !== source.mount || at.path.length < source.path.length) return at;
    if (!source.path.every((part, index) => at.path[index] === part)) return at;
    return { ...at, path: [...target.path, ...at.path.slice(source.path.length)] };
  };
  for (const pid of call.info.processes()) {
    const files = call.info.process(pid)?.files;
    if (files !== undefined) files.workingDirectory = moved(files.workingDirectory);
  }
  for (const [number, file] of call.fileSystem.state.files) {
    const { object } = file;
    if (object.kind === 'host')
      object.path = moved({ kind: 'host' as const, mount: object.mount, path: object.path }).path;
    else if (object.kind === 'directory' || object.kind === 'path')
      call.fileSystem.state.files.set(
        number,
        Object.assign(file, { object: { ...object, at: moved(object.at) } }),
      );
  }
}

/**
 * The guest's name space: one tree of in-memory inodes, mounted host directories and processes. A function here takes
 * one step in it and gives a negative errno for a failure. Only path-resolution.ts follows links.
 */
import { fnv1a } from '../../../domain/shared/fnv.ts';
import type { HostStat } from '../../ports/host-system.ts';
import { errno } from '../errno.ts';
import type { SystemCallContext } from '../system-call.ts';
import type { DirectoryEntry, FileKind, FileSystem, Inode, Location } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { inodeAt } from './inodes.ts';
import { entryType } from './modes.ts';
import { processEntries, processKind, processLink, processParent } from './process-tree.ts';

/** What walking the name space needs of a call. */
export type World = Pick<SystemCallContext, 'fileSystem' | 'host' | 'info' | 'pid'>;

/** A place and what lies there. */
export interface Entry {
  readonly at: Location;
  readonly kind: FileKind;
}

const hostKinds = { file: 'file', directory: 'directory', symlink: 'symlink' } as const;

/** Steps onto an inode of the tree, or onto the mount that covers it. */
function enter(inode: Inode): Entry {
  if (inode.kind === 'directory' && inode.mount !== undefined)
    return { at: { kind: 'host', mount: inode.mount, path: [] }, kind: 'directory' };
  return { at: { kind: 'memory', inode: inode.number }, kind: inode.kind };
}

export const rootEntry = (world: World): Entry =>
  enter(inodeAt(world.fileSystem, world.fileSystem.state.root));

export const isMemoryDirectory = (fileSystem: FileSystem, at: Location): boolean =>
  at.kind === 'memory' && inodeAt(fileSystem, at.inode).kind === 'directory';

export function sameLocation(left: Location, right: Location): boolean {
  if (left.kind === 'memory') return right.kind === 'memory' && left.inode === right.inode;
  if (left.kind === 'host')
    return (
      right.kind === 'host' && left.mount === right.mount && left.path.join('/') === right.path.join('/')
    );
  return right.kind === 'process' && left.pid === right.pid && left.path.join('/') === right.path.join('/');
}

export function hostStat(world: World, at: Extract<Location, { kind: 'host' }>): HostStat | number {
  const reply = ask(world.host, { call: 'stat', at: { mount: at.mount, path: at.path } });
  if (typeof reply === 'number') return reply;
  return reply.stat ?? errno.EIO;
}

/** What lies at a place that a descriptor or working directory refers to. */
export function entryAt(world: World, at: Location): Entry | number {
  if (at.kind === 'memory') return { at, kind: inodeAt(world.fileSystem, at.inode).kind };
  if (at.kind === 'process') return processKind(world.info, at) ?? errno.ENOENT;
  const stat = hostStat(world, at);
  if (typeof stat === 'number') return stat;
  return stat.kind === 'other' ? errno.EACCES : { at, kind: hostKinds[stat.kind] };
}

/** The entry `name` of a directory; not `.` or `..`. */
export function lookup(world: World, directory: Location, name: string): Entry | number {
  const { fileSystem, info } = world;
  if (directory.kind === 'process') {
    return processKind(info, { ...directory, path: [...directory.path, name] }) ?? errno.ENOENT;
  }
  if (directory.kind === 'host') {
    const path = [...directory.path, name];
    const nested = fileSystem.mounts[directory.mount]!.nested.get(path.join('/'));
    if (nested !== undefined) return enter(inodeAt(fileSystem, nested));
    return entryAt(world, { kind: 'host', mount: directory.mount, path });
  }
  const inode = inodeAt(fileSystem, directory.inode);
  if (inode.kind !== 'directory') return errno.ENOTDIR;
  const number = inode.entries.get(name);
  if (number !== undefined) return enter(inodeAt(fileSystem, number));
  if (inode.number === fileSystem.state.proc) {
    if (name === 'self')
      return { at: { kind: 'process', pid: world.pid, path: ['..self'] }, kind: 'symlink' };
    if (/^[1-9][0-9]{0,8}$/.test(name))
      return processKind(info, { kind: 'process', pid: Number(name), path: [] }) ?? errno.ENOENT;
  }
  return errno.ENOENT;
}

/** The parent of a directory; the root's is itself. */
export function parentOf(world: World, directory: Location): Location {
  const { fileSystem } = world;
  if (directory.kind === 'process')
    return processParent(directory) ?? { kind: 'memory', inode: fileSystem.state.proc };
  if (directory.kind === 'host' && directory.path.length > 0)
    return { ...directory, path: directory.path.slice(0, -1) };
  const number = directory.kind === 'host' ? fileSystem.mounts[directory.mount]!.inode : directory.inode;
  if (number === fileSystem.state.root) return rootEntry(world).at;
  const inode = inodeAt(fileSystem, number);
  if (inode.kind !== 'directory') return directory;
  if (inode.parent.kind !== 'memory') return inode.parent;
  return enter(inodeAt(fileSystem, inode.parent.inode)).at;
}

/** The text of a symbolic link. */
export function readLink(world: World, at: Location): string | number {
  if (at.kind === 'host') {
    const reply = ask(world.host, { call: 'readlink', at: { mount: at.mount, path: at.path } });
    return typeof reply === 'number' ? reply : (reply.target ?? errno.EIO);
  }
  if (at.kind === 'process') return processLink(world, at, (place) => pathOf(world, place));
  const inode = inodeAt(world.fileSystem, at.inode);
  return inode.kind === 'symlink' ? inode.target : errno.EINVAL;
}

const types: Record<FileKind, number> = {
  file: entryType.regular,
  directory: entryType.directory,
  symlink: entryType.symlink,
  device: entryType.character,
  generated: entryType.regular,
  fifo: entryType.fifo,
  socket: entryType.socket,
};

/** A stable inode number for a place that has none of its own: FNV-1a over its path, above the tree's numbers. */
export function pathInode(at: Location): bigint {
  if (at.kind === 'memory') return BigInt(at.inode);
  const parts = [at.kind === 'host' ? at.mount : at.pid, ...at.path, ''];
  const path = parts.map((part) => `${String(part)}/`).join('');
  const hash = fnv1a(Array.from(path, (character) => character.codePointAt(0)!));
  return (hash >> 16n) | (1n << 47n);
}

/** The entries of a directory: `.` and `..` first, then by name in code-unit order. */
export function listDirectory(world: World, at: Location): DirectoryEntry[] | number {
  const names = namesIn(world, at);
  if (typeof names === 'number') return names;
  const self = pathInode(at);
  const entries: DirectoryEntry[] = [
    { name: '.', inode: self, type: entryType.directory },
    { name: '..', inode: pathInode(parentOf(world, at)), type: entryType.directory },
  ];
  for (const name of names) {
    if (at.kind === 'host') {
      // DT_UNKNOWN: the type costs a question to the host, which a program that needs it asks with stat.
      const place: Location = { ...at, path: [...at.path, name] };
      const nested = world.fileSystem.mounts[at.mount]!.nested.get(place.path.join('/'));
      entries.push({
        name,
        inode: nested === undefined ? pathInode(place) : BigInt(nested),
        type: nested === undefined ? 0 : entryType.directory,
      });
      continue;
    }
    const entry = lookup(world, at, name);
    if (typeof entry !== 'number')
      entries.push({ name, inode: pathInode(entry.at), type: types[entry.kind] });
  }
  return entries;
}

function namesIn(world: World, at: Location): readonly string[] | number {
  const { fileSystem } = world;
  if (at.kind === 'process') return processEntries(world.info, at) ?? errno.ENOENT;
  if (at.kind === 'host') {
    const reply = ask(world.host, { call: 'list', at: { mount: at.mount, path: at.path } });
    if (typeof reply === 'number') return reply;
    const prefix = at.path.length === 0 ? '' : `${at.path.join('/')}/`;
    const nested = [...fileSystem.mounts[at.mount]!.nested.keys()]
      .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length));
    return [...new Set([...(reply.names ?? []), ...nested])].sort();
  }
  const inode = inodeAt(fileSystem, at.inode);
  if (inode.kind !== 'directory') return errno.ENOTDIR;
  const names = [...inode.entries.keys()].sort();
  return inode.number === fileSystem.state.proc
    ? [...names, 'self', ...world.info.processes().map(String)]
    : names;
}

/** The absolute path of a place, or undefined for one that has no name any more. */
export function pathOf(world: World, at: Location): string | undefined {
  const { fileSystem } = world;
  if (at.kind === 'process') return `/proc/${[String(at.pid), ...at.path].join('/')}`;
  if (at.kind === 'host') {
    const { guest } = fileSystem.mounts[at.mount]!;
    return at.path.length === 0 ? guest : `${guest === '/' ? '' : guest}/${at.path.join('/')}`;
  }
  if (at.inode === fileSystem.state.root) return '/';
  const inode = inodeAt(fileSystem, at.inode);
  if (inode.links === 0) return undefined;
  const parents: readonly Inode[] =
    inode.kind === 'directory' && inode.parent.kind === 'memory'
      ? [inodeAt(fileSystem, inode.parent.inode)]
      : [...fileSystem.state.inodes.values()];
  for (const parent of parents) {
    if (parent.kind !== 'directory') continue;
    for (const [name, number] of parent.entries) {
      if (number !== at.inode) continue;
      const above = pathOf(world, { kind: 'memory', inode: parent.number });
      return above === undefined ? undefined : `${above === '/' ? '' : above}/${name}`;
    }
  }
  return undefined;
}

/**
 * Inodes of the in-memory tree. Law: an inode lives while it has a name (`links`) or something holds it
 * (`holds`: open files, working directories); the last of them to go frees it and its contents.
 */
import {
  blockSize,
  type DirectoryInode,
  type FileSystem,
  type Inode,
  type Location,
} from './file-system-state.ts';

type NewInode<I extends Inode> = I extends Inode
  ? Omit<I, 'number' | 'uid' | 'gid' | 'links' | 'holds' | 'accessed' | 'modified' | 'changed' | 'born'>
  : never;

/** Makes an inode without a name. */
export function addInode(fileSystem: FileSystem, fields: NewInode<Inode>, now: bigint): Inode {
  const { state } = fileSystem;
  const number = state.next++;
  const inode = {
    number,
    uid: 0,
    gid: 0,
    links: 0,
    holds: 0,
    accessed: now,
    modified: now,
    changed: now,
    born: now,
    ...fields,
  } as Inode;
  state.inodes.set(number, inode);
  return inode;
}

export function inodeAt(fileSystem: FileSystem, number: number): Inode {
  const inode = fileSystem.state.inodes.get(number);
  if (inode === undefined) throw new Error(`inode ${String(number)} was freed while something refers to it`);
  return inode;
}

/** Gives `inode` a name in `directory`. A subdirectory's `..` counts as a link of its parent. */
export function link(directory: DirectoryInode, name: string, inode: Inode, now: bigint): void {
  directory.entries.set(name, inode.number);
  if (inode.kind === 'directory') {
    inode.parent = { kind: 'memory', inode: directory.number };
    inode.links = 2;
    directory.links++;
  } else inode.links++;
  directory.modified = directory.changed = now;
  inode.changed = now;
}

/** Takes a name away; the inode goes when nothing else refers to it. */
export function unlink(fileSystem: FileSystem, directory: DirectoryInode, name: string, now: bigint): void {
  const inode = inodeAt(fileSystem, directory.entries.get(name)!);
  directory.entries.delete(name);
  directory.modified = directory.changed = now;
  inode.changed = now;
  if (inode.kind === 'directory') {
    inode.links = 0;
    directory.links--;
  } else inode.links--;
  collect(fileSystem, inode);
}

function collect(fileSystem: FileSystem, inode: Inode): void {
  if (inode.links > 0 || inode.holds > 0) return;
  if (inode.kind === 'file') fileSystem.state.held -= inode.blocks.size * blockSize;
  fileSystem.state.inodes.delete(inode.number);
}

export function hold(fileSystem: FileSystem, at: Location): void {
  if (at.kind === 'memory') inodeAt(fileSystem, at.inode).holds++;
}

export function letGo(fileSystem: FileSystem, at: Location): void {
  if (at.kind !== 'memory') return;
  const inode = inodeAt(fileSystem, at.inode);
  inode.holds--;
  collect(fileSystem, inode);
}

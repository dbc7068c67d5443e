/** The files that every guest sees: what programs and C libraries expect of a Linux system, and nothing of the host. */
import type { DeviceName, DirectoryInode, FileSystem, Inode } from './file-system-state.ts';
import { addInode, inodeAt, link } from './inodes.ts';

const devices: readonly DeviceName[] = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** Files whose text is made when read: path to the name of the text (generated-text.ts). */
const generated = [
  '/proc/cpuinfo',
  '/proc/filesystems',
  '/proc/loadavg',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/uptime',
  '/proc/version',
  '/proc/sys/fs/file-max',
  '/proc/sys/fs/nr_open',
  '/proc/sys/fs/pipe-max-size',
  '/proc/sys/kernel/cap_last_cap',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/ngroups_max',
  '/proc/sys/kernel/osrelease',
  '/proc/sys/kernel/ostype',
  '/proc/sys/kernel/pid_max',
  '/proc/sys/kernel/random/boot_id',
  '/proc/sys/kernel/threads-max',
  '/proc/sys/kernel/version',
  '/proc/sys/net/core/somaxconn',
  '/proc/sys/vm/max_map_count',
  '/proc/sys/vm/overcommit_memory',
  '/sys/devices/system/cpu/online',
  '/sys/devices/system/cpu/possible',
  '/sys/devices/system/cpu/present',
  '/sys/kernel/mm/transparent_hugepage/enabled',
  '/sys/kernel/mm/transparent_hugepage/hpage_pmd_size',
];

const links: readonly (readonly [string, string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/proc/mounts', 'self/mounts'],
  ['/etc/mtab', '/proc/self/mounts'],
];

const texts: readonly (readonly [string, string])[] = [
  ['/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
  ['/etc/group', 'root:x:0:\n'],
  ['/etc/hosts', '127.0.0.1\tlocalhost\n::1\tlocalhost\n'],
  ['/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files\n'],
];

/** The directory at an absolute path of the in-memory tree, made with its parents where missing; undefined when something else is in the way. */
export function makeDirectories(
  fileSystem: FileSystem,
  path: string,
  now: bigint,
): DirectoryInode | undefined {
  let directory: Inode = inodeAt(fileSystem, fileSystem.state.root);
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (directory.kind !== 'directory') return undefined;
    const number: number | undefined = directory.entries.get(name);
    if (number !== undefined) directory = inodeAt(fileSystem, number);
    else {
      const made = addInode(
        fileSystem,
        {
          kind: 'directory',
          mode: 0o755,
          entries: new Map(),
          parent: { kind: 'memory', inode: directory.number },
        },
        now,
      );
      link(directory, name, made, now);
      directory = made;
    }
  }
  return directory.kind === 'directory' ? directory : undefined;
}

/** Puts an inode at an absolute path, unless something is there or in the way. */
export function place(fileSystem: FileSystem, path: string, inode: Inode, now: bigint): void {
  const cut = path.lastIndexOf('/');
  const directory = makeDirectories(fileSystem, path.slice(0, cut), now);
  const name = path.slice(cut + 1);
  if (directory === undefined || directory.entries.has(name)) fileSystem.state.inodes.delete(inode.number);
  else link(directory, name, inode, now);
}

/** A file inode that holds `bytes`. */
export function textFile(fileSystem: FileSystem, bytes: Uint8Array, mode: number, now: bigint): Inode {
  const blocks = new Map(bytes.length === 0 ? [] : [[0, bytes] as const]);
  fileSystem.state.held += blocks.size * 4096;
  return addInode(fileSystem, { kind: 'file', mode, size: bytes.length, blocks, image: 0 }, now);
}

export function makeDefaultTree(fileSystem: FileSystem, now: bigint): void {
  const encoder = new TextEncoder();
  for (const device of devices)
    place(
      fileSystem,
      `/dev/${device}`,
      addInode(fileSystem, { kind: 'device', mode: 0o666, device }, now),
      now,
    );
  for (const path of generated)
    place(
      fileSystem,
      path,
      addInode(fileSystem, { kind: 'generated', mode: 0o444, content: path }, now),
      now,
    );
  for (const [path, target] of links)
    place(fileSystem, path, addInode(fileSystem, { kind: 'symlink', mode: 0o777, target }, now), now);
  for (const [path, text] of texts)
    place(fileSystem, path, textFile(fileSystem, encoder.encode(text), 0o644, now), now);
  for (const path of ['/tmp', '/var/tmp', '/dev/shm']) {
    const directory = makeDirectories(fileSystem, path, now);
    if (directory !== undefined) directory.mode = 0o1777;
  }
  for (const path of ['/root', '/run', '/home', '/usr/bin', '/usr/lib', '/var'])
    makeDirectories(fileSystem, path, now);
}

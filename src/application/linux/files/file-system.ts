/** Makes the guest's files as they are at instruction 0. */
import type { ProgramImage } from '../../ports/program-image.ts';
import { makeDefaultTree, makeDirectories, place } from './default-tree.ts';
import type {
  FileSystem,
  FileSystemState,
  FileTable,
  Location,
  Mount,
  OpenFile,
  OpenObject,
  ProcessFiles,
} from './file-system-state.ts';
import { addInode, hold, inodeAt } from './inodes.ts';
import { openFlag } from './modes.ts';

export type { FileSystem, FileSystemState, FileTable, ProcessFiles } from './file-system-state.ts';

export interface FileSystemSetup {
  readonly program: ProgramImage;
  readonly programPath: string;
  readonly workingDirectory: string;
  readonly mounts: readonly { readonly guest: string; readonly readOnly: boolean }[];
  /** Guest wall-clock time at instruction 0, nanoseconds since 1970. */
  readonly epoch: bigint;
}

/** The parts of an absolute path, with `.`, `..` and empty parts resolved by name. */
export function pathParts(path: string): readonly string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

const absolute = (path: string, from: string): string =>
  `/${pathParts(path.startsWith('/') ? path : `${from}/${path}`).join('/')}`;

/** Directories of the guest's own that stay visible over a mount that covers them. */
const always = ['/dev', '/proc', '/sys'];

/** A file system with the default files, the program at its path, and the mounts in place. */
export function createFileSystem(setup: FileSystemSetup): FileSystem {
  const now = setup.epoch;
  const state: FileSystemState = {
    inodes: new Map(),
    files: new Map(),
    pipes: new Map(),
    sockets: new Map(),
    locks: new Map(),
    root: 2,
    proc: 3,
    next: 2,
    held: 0,
  };
  const programPath = absolute(setup.programPath, setup.workingDirectory);
  const mounts: Mount[] = [];
  const fileSystem: FileSystem = { program: setup.program, programPath, mounts, state };
  const root = addInode(
    fileSystem,
    { kind: 'directory', mode: 0o755, entries: new Map(), parent: { kind: 'memory', inode: 2 } },
    now,
  );
  root.links = 2;
  makeDirectories(fileSystem, '/proc', now);
  makeDefaultTree(fileSystem, now);
  place(
    fileSystem,
    programPath,
    addInode(
      fileSystem,
      {
        kind: 'file',
        mode: 0o755,
        size: setup.program.length,
        blocks: new Map(),
        image: setup.program.length,
      },
      now,
    ),
    now,
  );
  makeDirectories(fileSystem, absolute(setup.workingDirectory, '/'), now);
  addMounts(fileSystem, mounts, setup, now);
  return fileSystem;
}

function addMounts(fileSystem: FileSystem, mounts: Mount[], setup: FileSystemSetup, now: bigint): void {
  const points = setup.mounts.map(({ guest }) => absolute(guest, setup.workingDirectory));
  const inodes = points.map((guest, index) => {
    const inode = makeDirectories(fileSystem, guest, now);
    if (inode === undefined || points.indexOf(guest) !== index)
      throw new RangeError(
        `Cannot mount at ${guest}: it is taken. Mount each host directory at a guest path of its own.`,
      );
    return inode;
  });
  const covered = [
    ...always.map((path) => [path, makeDirectories(fileSystem, path, now)!] as const),
    ...points.map((path, index) => [path, inodes[index]!] as const),
  ];
  for (const [index, { readOnly }] of setup.mounts.entries()) {
    const guest = points[index]!;
    const prefix = guest === '/' ? '/' : `${guest}/`;
    const nested = new Map<string, number>();
    for (const [path, inode] of covered) {
      const nearest = points
        .filter((point) => point !== path && isBelow(path, point))
        .sort((a, b) => b.length - a.length)[0];
      if (path === guest || nearest !== guest) continue;
      const below = path.slice(prefix.length);
      nested.set(below, inode.number);
      inode.parent = { kind: 'host', mount: index, path: below.split('/').slice(0, -1) };
    }
    inodes[index]!.mount = index;
    mounts.push({ guest, readOnly, inode: inodes[index]!.number, nested });
  }
}

const isBelow = (path: string, ancestor: string): boolean =>
  path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);

/** Adds an open file with no descriptor yet. */
export function addOpenFile<Of extends OpenObject>(
  fileSystem: FileSystem,
  object: Of,
  flags: number,
): OpenFile<Of> {
  const file: OpenFile<Of> = { number: fileSystem.state.next++, references: 0, flags, offset: 0, object };
  fileSystem.state.files.set(file.number, file);
  return file;
}

/** Descriptors 0, 1 and 2: standard input, output and error. */
export function createFileTable(fileSystem: FileSystem): FileTable {
  const table: FileTable = { descriptors: new Map(), limit: 1024 };
  for (const [fd, stream] of (['stdin', 'stdout', 'stderr'] as const).entries()) {
    const flags = fd === 0 ? openFlag.readOnly : openFlag.writeOnly;
    const file = addOpenFile(fileSystem, { kind: 'stream', stream, ended: false }, flags);
    file.references = 1;
    table.descriptors.set(fd, { file: file.number, closeOnExec: false });
  }
  return table;
}

/** The files of a machine's first process. A working directory below a mount is taken at its word. */
export function createProcessFiles(fileSystem: FileSystem, workingDirectory: string): ProcessFiles {
  const table = createFileTable(fileSystem);
  const at = placeOf(fileSystem, pathParts(workingDirectory));
  hold(fileSystem, at);
  return { table, workingDirectory: at, umask: 0o022 };
}

function placeOf(fileSystem: FileSystem, parts: readonly string[]): Location {
  const enter = (inode: number): Location => {
    const mount = fileSystem.mounts.findIndex((candidate) => candidate.inode === inode);
    return mount < 0 ? { kind: 'memory', inode } : { kind: 'host', mount, path: [] };
  };
  let at = enter(fileSystem.state.root);
  for (const part of parts) {
    if (at.kind === 'memory') {
      const inode = inodeAt(fileSystem, at.inode);
      const entry = inode.kind === 'directory' ? inode.entries.get(part) : undefined;
      if (entry === undefined) return at;
      at = enter(entry);
    } else if (at.kind === 'host') {
      const path: readonly string[] = [...at.path, part];
      const nested = fileSystem.mounts[at.mount]!.nested.get(path.join('/'));
      at = nested === undefined ? { kind: 'host', mount: at.mount, path } : enter(nested);
    }
  }
  return at;
}

/** Lets go of descriptors and open files; copies and closes whole tables (fork, execve, exit). */
import { errno } from '../errno.ts';
import type { FileSystem, FileTable, OpenFile, ProcessFiles } from './file-system-state.ts';
import { hold, letGo } from './inodes.ts';
import { lockKey, releaseLocks } from './locks.ts';
import type { FileWorld } from './open-files.ts';
import { operationsOf } from './operations.ts';

/** Drops one reference to an open file, and the file with its last. */
export function releaseFile(world: FileWorld, number: number): void {
  const { state } = world.fileSystem;
  const file = state.files.get(number);
  if (file === undefined || --file.references > 0) return;
  releaseLocks(world, file, `file:${String(number)}`);
  state.files.delete(number);
  operationsOf(file).release?.(world, file, (other) => {
    releaseFile(world, other);
  });
  for (const watcher of state.files.values()) {
    if (watcher.object.kind !== 'epoll') continue;
    for (const [key, item] of watcher.object.items)
      if (item.file === number) watcher.object.items.delete(key);
  }
}

/** close(2): 0 or EBADF. A process's record locks on the file go with any of its descriptors. */
export function closeDescriptor(world: FileWorld, table: FileTable, fd: number): number {
  const descriptor = table.descriptors.get(fd);
  if (descriptor === undefined) return errno.EBADF;
  table.descriptors.delete(fd);
  const file = world.fileSystem.state.files.get(descriptor.file);
  if (file !== undefined && lockKey(file) !== undefined)
    releaseLocks(world, file, `process:${String(world.pid)}`);
  releaseFile(world, descriptor.file);
  return 0;
}

/** Closes what execve closes. */
export function closeOnExec(world: FileWorld, table: FileTable): void {
  for (const [fd, { closeOnExec: closes }] of [...table.descriptors])
    if (closes) closeDescriptor(world, table, fd);
}

/** Closes everything, when a process ends. */
export function releaseProcessFiles(world: FileWorld, files: ProcessFiles): void {
  for (const fd of [...files.table.descriptors.keys()]) closeDescriptor(world, files.table, fd);
  letGo(world.fileSystem, files.workingDirectory);
}

/** A table with the same descriptors, for a process that does not share it. */
export function cloneFileTable(fileSystem: FileSystem, table: FileTable): FileTable {
  const descriptors = new Map([...table.descriptors].map(([fd, descriptor]) => [fd, { ...descriptor }]));
  for (const { file } of descriptors.values()) {
    const open: OpenFile | undefined = fileSystem.state.files.get(file);
    if (open !== undefined) open.references++;
  }
  return { descriptors, limit: table.limit };
}

/** The files of a forked process. */
export function cloneProcessFiles(fileSystem: FileSystem, files: ProcessFiles): ProcessFiles {
  hold(fileSystem, files.workingDirectory);
  return { ...files, table: cloneFileTable(fileSystem, files.table) };
}

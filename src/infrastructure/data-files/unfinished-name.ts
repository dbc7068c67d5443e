import { access, rename, rm, stat } from 'node:fs/promises';

/** The name that a file has while it is written, beside the one it is to have. */
export const unfinishedName = (path: string): string => `${path}.unfinished-${process.pid}`;

/** Rejects with `EEXIST` where there is something of that name. */
export async function mustNotExist(path: string): Promise<void> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  if (!found) return;
  const error: NodeJS.ErrnoException = new Error(`EEXIST: file already exists, open '${path}'`);
  throw Object.assign(error, { code: 'EEXIST', syscall: 'write', path });
}

/** Gives a finished file its name; and its bytes. */
export async function finishFile(path: string): Promise<number> {
  const { size } = await stat(unfinishedName(path));
  await mustNotExist(path);
  await rename(unfinishedName(path), path);
  return size;
}

export const discardFile = (path: string): Promise<void> => rm(unfinishedName(path), { force: true });

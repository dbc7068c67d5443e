/**
 * Paths below a mounted directory. Law: no path leaves the mount, whatever links other processes plant meanwhile. On
 * Linux each component is opened relative to its parent's descriptor without following links, so what was checked is
 * what is used. Elsewhere the parent's real path is compared before each use; there, a directory swapped between the
 * check and the use is not caught.
 */
import { Buffer } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { encodeName } from '../../application/linux/files/names.ts';
import { HostRefusal } from './host-refusal.ts';

// O_PATH of Linux, which node:constants does not name: a descriptor for walking on, without access to contents.
const pathOnly = 0o10000000;
const directoryFlags = pathOnly | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

const onLinux = process.platform === 'linux';

/** A place to give to node:fs, good until the walk ends. */
export type Place = Buffer | string;

function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new HostRefusal('EINVAL');
  if (process.platform === 'win32' && /[\\:]/.test(name)) throw new HostRefusal('EINVAL');
  if (encodeName(name).length > 255) throw new HostRefusal('ENAMETOOLONG');
}

const below = (descriptor: number, name: string): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${String(descriptor)}/`), encodeName(name)]);

/** A host directory that a guest sees. */
export class MountRoot {
  readonly #root: string;
  readonly #descriptor: number | undefined;

  /** Throws when `directory` is not an accessible directory. */
  constructor(directory: string) {
    this.#root = realpathSync(directory);
    const descriptor = openSync(this.#root, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
    if (!fstatSync(descriptor).isDirectory()) throw new HostRefusal('ENOTDIR');
    if (onLinux) this.#descriptor = descriptor;
    else closeSync(descriptor);
  }

  /** Calls `use` with the place of the last component; the mount itself is `.` below itself. */
  at<T>(components: readonly string[], use: (place: Place) => T): T {
    components.forEach(checkName);
    return this.#descriptor === undefined
      ? use(this.#checked(components))
      : this.#walked(this.#descriptor, components, use);
  }

  #walked<T>(root: number, components: readonly string[], use: (place: Place) => T): T {
    let current = root;
    try {
      for (const name of components.slice(0, -1)) {
        const next = openSync(below(current, name), directoryFlags);
        if (current !== root) closeSync(current);
        current = next;
      }
      return use(below(current, components.at(-1) ?? '.'));
    } finally {
      if (current !== root) closeSync(current);
    }
  }

  #checked(components: readonly string[]): string {
    const parent = path.join(this.#root, ...components.slice(0, -1));
    if (realpathSync(parent) !== parent) throw new HostRefusal('ELOOP');
    return path.join(this.#root, ...components);
  }
}

/**
 * Walks a path through the guest's name space, component by component. Laws: a symbolic link, also one found in a
 * mount, is interpreted here: an absolute target starts at the guest's root and `..` stops there; the host is only
 * asked about paths without links. path_resolution(7), openat2(2).
 */
import { errno } from '../errno.ts';
import type { Location } from './file-system-state.ts';
import { resolveFlag as restrict, linkLimit, nameLimit } from './modes.ts';
import {
  type Entry,
  type World,
  entryAt,
  lookup,
  parentOf,
  readLink,
  rootEntry,
  sameLocation,
} from './name-space.ts';
import { nameLength } from './names.ts';
import { processTarget } from './process-tree.ts';

export interface Resolution {
  /** The directory that holds the last component. */
  readonly parent: Location;
  /** The last component: a name, or `.`, `..` or `/` for a path that ends without one. */
  readonly name: string;
  /** What lies there; undefined when nothing does. */
  readonly entry: Entry | undefined;
  /** A trailing slash: only a directory will do. */
  readonly mustBeDirectory: boolean;
  /** The open file that a link of /proc/<pid>/fd leads to, when the path ends there. */
  readonly openFile: number | undefined;
}

export interface ResolutionOptions {
  readonly followLast: boolean;
  /** The last component names an entry to make, remove or move: a trailing slash does not follow a link there. */
  readonly forEntry?: boolean;
  /** RESOLVE_* bits of openat2. */
  readonly restrictions?: number;
}

export function resolve(
  world: World,
  start: Location,
  path: string,
  options: ResolutionOptions,
): Resolution | number {
  if (path === '') return errno.ENOENT;
  const limits = options.restrictions ?? 0;
  const first = entryAt(world, start);
  if (typeof first === 'number') return first;
  const root = (limits & (restrict.inRoot | restrict.beneath)) !== 0 ? first : rootEntry(world);
  if (path.startsWith('/') && (limits & restrict.beneath) !== 0) return errno.EXDEV;
  let current = path.startsWith('/') ? root : first;
  const trailing = path.endsWith('/');
  const pending = path
    .split('/')
    .filter((part) => part !== '')
    .reverse();
  let parent = current.at;
  let name = '/';
  let openFile: number | undefined;
  for (let links = 0; pending.length > 0;) {
    const part = pending.pop()!;
    openFile = undefined;
    if (current.kind !== 'directory') return errno.ENOTDIR;
    if (nameLength(part) > nameLimit) return errno.ENAMETOOLONG;
    name = part;
    parent = current.at;
    if (part === '.') continue;
    if (part === '..') {
      if (!sameLocation(current.at, root.at)) {
        const up = parentOf(world, current.at);
        if ((limits & restrict.noCrossDevice) !== 0 && up.kind !== current.at.kind) return errno.EXDEV;
        current = { at: up, kind: 'directory' };
      } else if ((limits & restrict.beneath) !== 0) return errno.EXDEV;
      continue;
    }
    const last = pending.length === 0;
    const child = lookup(world, current.at, part);
    if (typeof child === 'number') {
      if (child === errno.ENOENT && last)
        return { parent, name, entry: undefined, mustBeDirectory: trailing, openFile };
      return child;
    }
    if (
      child.kind === 'symlink' &&
      (!last || options.followLast || (trailing && options.forEntry !== true))
    ) {
      if (++links > linkLimit || (limits & restrict.noSymlinks) !== 0) return errno.ELOOP;
      const magic = child.at.kind === 'process' ? processTarget(world, child.at) : undefined;
      if (magic !== undefined) {
        if ((limits & (restrict.noMagicLinks | restrict.beneath | restrict.inRoot)) !== 0) return errno.ELOOP;
        if (typeof magic === 'number') return magic;
        openFile = magic.openFile;
        const target =
          magic.at === undefined ? { at: child.at, kind: 'fifo' as const } : entryAt(world, magic.at);
        if (typeof target === 'number') return target;
        current = target;
        continue;
      }
      const target = readLink(world, child.at);
      if (typeof target === 'number') return target;
      if (target === '') return errno.ENOENT;
      if (target.startsWith('/')) {
        if ((limits & restrict.beneath) !== 0) return errno.EXDEV;
        current = root;
        parent = root.at;
        name = '/';
      }
      if (target.endsWith('/') && !last) pending.push('.');
      pending.push(
        ...target
          .split('/')
          .filter((piece) => piece !== '')
          .reverse(),
      );
      continue;
    }
    if ((limits & restrict.noCrossDevice) !== 0 && child.at.kind !== current.at.kind) return errno.EXDEV;
    current = child;
  }
  if (trailing && options.forEntry !== true && current.kind !== 'directory') return errno.ENOTDIR;
  return { parent, name, entry: current, mustBeDirectory: trailing, openFile };
}

/** The directories /proc/<pid>: what is in them, and where their links lead. proc(5). */
import { errno } from '../errno.ts';
import type { FileKind, FileSystem, Location, OpenFile } from './file-system-state.ts';
import type { ProcessInfo } from './process-info.ts';

export type ProcessLocation = Extract<Location, { kind: 'process' }>;
type ProcessEntry = { readonly at: Location; readonly kind: FileKind };
interface World {
  readonly fileSystem: FileSystem;
  readonly info: ProcessInfo;
  readonly pid: number;
}

const texts = [
  'auxv',
  'cmdline',
  'comm',
  'environ',
  'limits',
  'maps',
  'mountinfo',
  'mounts',
  'oom_score_adj',
  'stat',
  'statm',
  'status',
];
const links = ['cwd', 'exe', 'root'];
const threadTexts = ['comm', 'stat', 'status'];

/** The entry at a place below /proc/<pid>, or undefined. */
export function processKind(info: ProcessInfo, at: ProcessLocation): ProcessEntry | undefined {
  const process = info.process(at.pid);
  const [first, second, third] = at.path;
  if (process === undefined || at.path.length > 3) return undefined;
  const kind = (of: FileKind): ProcessEntry => ({ at, kind: of });
  if (first === undefined) return kind('directory');
  if (first === '..self') return kind('symlink');
  if (second === undefined) {
    if (first === 'fd' || first === 'fdinfo' || first === 'task') return kind('directory');
    if (links.includes(first)) return kind('symlink');
    return texts.includes(first) ? kind('generated') : undefined;
  }
  if (!/^(0|[1-9][0-9]{0,8})$/.test(second)) return undefined;
  const number = Number(second);
  if (first === 'task') {
    if (!process.threads.includes(number)) return undefined;
    if (third === undefined) return kind('directory');
    return threadTexts.includes(third) ? kind('generated') : undefined;
  }
  if (third !== undefined || !process.files.table.descriptors.has(number)) return undefined;
  return first === 'fd' ? kind('symlink') : first === 'fdinfo' ? kind('generated') : undefined;
}

/** Names in a directory below /proc/<pid>. */
export function processEntries(info: ProcessInfo, at: ProcessLocation): readonly string[] | undefined {
  const process = info.process(at.pid);
  if (process === undefined) return undefined;
  const [first, second] = at.path;
  if (first === undefined) return [...texts, ...links, 'fd', 'fdinfo', 'task'].sort();
  if (second !== undefined) return threadTexts;
  if (first === 'task') return process.threads.map(String);
  return [...process.files.table.descriptors.keys()].sort((left, right) => left - right).map(String);
}

export function processParent(at: ProcessLocation): Location | undefined {
  return at.path.length === 0 ? undefined : { ...at, path: at.path.slice(0, -1) };
}

const openFileAt = (world: World, at: ProcessLocation): OpenFile | undefined => {
  const descriptor = world.info.process(at.pid)?.files.table.descriptors.get(Number(at.path[1]));
  return descriptor === undefined ? undefined : world.fileSystem.state.files.get(descriptor.file);
};

/** The place that an open file was opened at, or undefined for one without (a pipe). */
export function placeOfFile(file: OpenFile): Location | undefined {
  const { object } = file;
  switch (object.kind) {
    case 'file':
    case 'device':
      return { kind: 'memory', inode: object.inode };
    case 'directory':
    case 'generated':
    case 'path':
      return object.at;
    case 'host':
      return { kind: 'host', mount: object.mount, path: object.path };
    case 'pipe':
      return object.inode === undefined ? undefined : { kind: 'memory', inode: object.inode };
    default:
      return undefined;
  }
}

/** Where a link of /proc leads that is not followed by its text; undefined for one that is. */
export function processTarget(
  world: World,
  at: ProcessLocation,
): { readonly at: Location | undefined; readonly openFile: number | undefined } | number | undefined {
  if (at.path[0] === 'cwd') {
    const process = world.info.process(at.pid);
    return process === undefined ? errno.ENOENT : { at: process.files.workingDirectory, openFile: undefined };
  }
  if (at.path[0] !== 'fd') return undefined;
  const file = openFileAt(world, at);
  return file === undefined ? errno.ENOENT : { at: placeOfFile(file), openFile: file.number };
}

/** The text of a link below /proc/<pid>. */
export function processLink(
  world: World,
  at: ProcessLocation,
  pathOf: (place: Location) => string | undefined,
): string | number {
  const process = world.info.process(at.pid);
  if (process === undefined) return errno.ENOENT;
  switch (at.path[0]) {
    case '..self':
      return String(at.pid);
    case 'exe':
      return process.programPath;
    case 'root':
      return '/';
    case 'cwd':
      return pathOf(process.files.workingDirectory) ?? '(deleted)';
    case 'fd': {
      const file = openFileAt(world, at);
      return file === undefined ? errno.ENOENT : describeFile(file, pathOf);
    }
    default:
      return errno.EINVAL;
  }
}

function describeFile(file: OpenFile, pathOf: (place: Location) => string | undefined): string {
  const { object } = file;
  const place = placeOfFile(file);
  if (place !== undefined) return pathOf(place) ?? '/ (deleted)';
  if (object.kind === 'pipe') return `pipe:[${String(object.pipe)}]`;
  if (object.kind === 'socket') return `socket:[${String(object.socket)}]`;
  if (object.kind === 'stream') return `pipe:[${String(file.number)}]`;
  return `anon_inode:[${object.kind === 'epoll' ? 'eventpoll' : object.kind}]`;
}

/** The texts below /proc/<pid>. proc(5). */
import { errno } from '../errno.ts';
import { encodeName } from './names.ts';
import type { FileWorld } from './open-files.ts';
import type { ProcessView } from './process-info.ts';
import type { ProcessLocation } from './process-tree.ts';

type World = Pick<FileWorld, 'fileSystem' | 'info'>;

const states = { R: 'running', S: 'sleeping', T: 'stopped', Z: 'zombie' } as const;
const joined = (strings: readonly string[]): string => strings.map((text) => `${text}\0`).join('');
const kilobytes = (bytes: number): string => `${String(Math.ceil(bytes / 1024)).padStart(8)} kB`;
const mask = (set: bigint): string => set.toString(16).padStart(16, '0');

function stat(process: ProcessView, thread: number): string {
  const ticks = (time: bigint): string => String(time / 10_000_000n);
  const fields = [
    process.state,
    process.parent,
    process.processGroup,
    process.session,
    0,
    -1,
    0x400000,
    0,
    0,
    0,
    0,
    ticks(process.cpuTime),
    0,
    0,
    0,
    20,
    0,
    process.threads.length,
    0,
    ticks(process.started),
    process.virtualSize,
    Math.ceil(process.residentSize / 4096),
    '18446744073709551615',
    0,
    0,
    0,
    0,
    0,
    process.signals.pending & 0x7fffffffn,
    process.signals.blocked & 0x7fffffffn,
    process.signals.ignored & 0x7fffffffn,
    process.signals.caught & 0x7fffffffn,
    0,
    0,
    0,
    17,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return `${String(thread)} (${process.name}) ${fields.map(String).join(' ')}\n`;
}

function status(process: ProcessView, thread: number): string {
  const { signals } = process;
  const lines: readonly (readonly [string, string])[] = [
    ['Name', process.name],
    ['Umask', process.files.umask.toString(8).padStart(4, '0')],
    ['State', `${process.state} (${states[process.state]})`],
    ['Tgid', String(process.pid)],
    ['Pid', String(thread)],
    ['PPid', String(process.parent)],
    ['TracerPid', '0'],
    ['Uid', '0\t0\t0\t0'],
    ['Gid', '0\t0\t0\t0'],
    ['FDSize', '64'],
    ['Groups', ''],
    ['VmPeak', kilobytes(process.virtualSize)],
    ['VmSize', kilobytes(process.virtualSize)],
    ['VmHWM', kilobytes(process.residentSize)],
    ['VmRSS', kilobytes(process.residentSize)],
    ['Threads', String(process.threads.length)],
    ['SigPnd', mask(0n)],
    ['ShdPnd', mask(signals.pending)],
    ['SigBlk', mask(signals.blocked)],
    ['SigIgn', mask(signals.ignored)],
    ['SigCgt', mask(signals.caught)],
    ['Cpus_allowed', '1'],
    ['Cpus_allowed_list', '0'],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join('');
}

const limits = (process: ProcessView): string => {
  const row = (name: string, soft: string, hard: string, unit: string): string =>
    `${name.padEnd(26)}${soft.padEnd(21)}${hard.padEnd(21)}${unit.padEnd(10)}\n`;
  return [
    row('Limit', 'Soft Limit', 'Hard Limit', 'Units'),
    row('Max stack size', '8388608', 'unlimited', 'bytes'),
    row('Max open files', String(process.files.table.limit), '1048576', 'files'),
  ].join('');
};

function mounts({ fileSystem }: World): string {
  const rows = fileSystem.mounts.map(
    ({ guest, readOnly }, index) =>
      `host${String(index)} ${guest.replaceAll(' ', '\\040')} hostfs ${readOnly ? 'ro' : 'rw'} 0 0\n`,
  );
  return ['tmpfs / tmpfs rw 0 0\n', ...rows, 'proc /proc proc rw 0 0\n'].join('');
}

function mountInfo({ fileSystem }: World): string {
  const row = (id: number, at: string, options: string, type: string): string =>
    `${String(id)} 1 0:${String(id)} / ${at.replaceAll(' ', '\\040')} ${options} - ${type} ${type} ${options}\n`;
  const rows = fileSystem.mounts.map(({ guest, readOnly }, index) =>
    row(30 + index, guest, readOnly ? 'ro' : 'rw', 'hostfs'),
  );
  return [row(20, '/', 'rw', 'tmpfs'), ...rows, row(21, '/proc', 'rw', 'proc')].join('');
}

function descriptorInfo(world: World, process: ProcessView, fd: number): string | number {
  const descriptor = process.files.table.descriptors.get(fd);
  const file = descriptor === undefined ? undefined : world.fileSystem.state.files.get(descriptor.file);
  if (descriptor === undefined || file === undefined) return errno.ENOENT;
  const flags = file.flags | (descriptor.closeOnExec ? 0o2000000 : 0);
  return `pos:\t${String(file.offset)}\nflags:\t0${flags.toString(8)}\nmnt_id:\t20\n`;
}

/** The bytes of a file below /proc/<pid>, or ESRCH when the process is gone. */
export function processText(world: World, at: ProcessLocation): Uint8Array | number {
  const process = world.info.process(at.pid);
  if (process === undefined) return errno.ESRCH;
  const [first, second, third] = at.path;
  const thread = first === 'task' ? Number(second) : process.pid;
  if (first === 'auxv') return process.auxv();
  const text = ((): string | number => {
    switch (first === 'task' ? third : first) {
      case 'cmdline':
        return joined(process.arguments);
      case 'comm':
        return `${process.name}\n`;
      case 'environ':
        return joined(process.environment);
      case 'fdinfo':
        return descriptorInfo(world, process, Number(second));
      case 'limits':
        return limits(process);
      case 'maps':
        return process.maps();
      case 'mountinfo':
        return mountInfo(world);
      case 'mounts':
        return mounts(world);
      case 'oom_score_adj':
        return '0\n';
      case 'stat':
        return stat(process, thread);
      case 'statm': {
        const pages = (bytes: number): string => String(Math.ceil(bytes / 4096));
        return `${pages(process.virtualSize)} ${pages(process.residentSize)} 0 0 0 0 0\n`;
      }
      case 'status':
        return status(process, thread);
      default:
        return errno.ENOENT;
    }
  })();
  return typeof text === 'number' ? text : encodeName(text);
}

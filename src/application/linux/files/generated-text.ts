/** The text of files under /proc and /sys, made from guest state only. proc(5). */
import { errno } from '../errno.ts';
import type { Location } from './file-system-state.ts';
import { inodeAt } from './inodes.ts';
import { encodeName } from './names.ts';
import type { FileWorld } from './open-files.ts';
import type { ProcessInfo } from './process-info.ts';
import { processText } from './process-text.ts';

type Text = (info: ProcessInfo, world: Pick<FileWorld, 'monotonic' | 'realtime'>) => string;

const seconds = (nanoseconds: bigint): string => {
  const hundredths = nanoseconds / 10_000_000n;
  return `${String(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')}`;
};
const kilobytes = (bytes: number): string => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
const processors = (info: ProcessInfo): string =>
  info.processorCount === 1 ? '0\n' : `0-${String(info.processorCount - 1)}\n`;

const texts: Readonly<Record<string, Text>> = {
  '/proc/cpuinfo': (info) =>
    Array.from(
      { length: info.processorCount },
      (_, hart) =>
        `processor\t: ${String(hart)}\nhart\t\t: ${String(hart)}\nisa\t\t: rv64imafdc_zicntr_zicond_zicsr_zifencei_zba_zbb_zbs\nmmu\t\t: sv39\n\n`,
    ).join(''),
  '/proc/filesystems': () => 'nodev\tproc\nnodev\ttmpfs\nnodev\tsysfs\n',
  '/proc/loadavg': (info) =>
    `0.00 0.00 0.00 1/${String(info.processes().length)} ${String(info.processes().at(-1) ?? 1)}\n`,
  '/proc/meminfo': (info) =>
    [
      ['MemTotal', info.memoryTotal],
      ['MemFree', info.memoryFree],
      ['MemAvailable', info.memoryFree],
      ['Buffers', 0],
      ['Cached', 0],
      ['SwapTotal', 0],
      ['SwapFree', 0],
    ]
      .map(([name, bytes]) => `${`${String(name)}:`.padEnd(16)}${kilobytes(Number(bytes))}\n`)
      .join(''),
  '/proc/stat': (info, world) => {
    const ticks = String(world.monotonic / 10_000_000n);
    const started = (world.realtime - world.monotonic) / 1_000_000_000n;
    const lines = Array.from(
      { length: info.processorCount },
      (_, cpu) => `cpu${String(cpu)} ${ticks} 0 0 0 0 0 0 0 0 0\n`,
    );
    return `cpu  ${ticks} 0 0 0 0 0 0 0 0 0\n${lines.join('')}intr 0\nctxt 0\nbtime ${String(started)}\nprocesses ${String(info.processes().length)}\nprocs_running 1\nprocs_blocked 0\n`;
  },
  '/proc/uptime': (_info, world) => `${seconds(world.monotonic)} 0.00\n`,
  '/proc/version': (info) => `Linux version ${info.kernelRelease} ${info.kernelVersion}\n`,
  '/proc/sys/fs/file-max': () => '1048576\n',
  '/proc/sys/fs/nr_open': () => '1048576\n',
  '/proc/sys/fs/pipe-max-size': () => '1048576\n',
  '/proc/sys/kernel/cap_last_cap': () => '40\n',
  '/proc/sys/kernel/hostname': (info) => `${info.hostName}\n`,
  '/proc/sys/kernel/ngroups_max': () => '65536\n',
  '/proc/sys/kernel/osrelease': (info) => `${info.kernelRelease}\n`,
  '/proc/sys/kernel/ostype': () => 'Linux\n',
  '/proc/sys/kernel/pid_max': () => '4194304\n',
  '/proc/sys/kernel/random/boot_id': () => '00000000-0000-4000-8000-000000000000\n',
  '/proc/sys/kernel/threads-max': () => '32768\n',
  '/proc/sys/kernel/version': (info) => `${info.kernelVersion}\n`,
  '/proc/sys/net/core/somaxconn': () => '4096\n',
  '/proc/sys/vm/max_map_count': () => '65530\n',
  '/proc/sys/vm/overcommit_memory': () => '0\n',
  '/sys/devices/system/cpu/online': processors,
  '/sys/devices/system/cpu/possible': processors,
  '/sys/devices/system/cpu/present': processors,
  '/sys/kernel/mm/transparent_hugepage/enabled': () => 'always madvise [never]\n',
  '/sys/kernel/mm/transparent_hugepage/hpage_pmd_size': () => '2097152\n',
};

/** The bytes of a generated file now, or a negative errno when what it told of is gone. */
export function generatedText(world: FileWorld, at: Location): Uint8Array | number {
  if (at.kind === 'process') return processText(world, at);
  if (at.kind === 'host') return errno.EIO;
  const inode = inodeAt(world.fileSystem, at.inode);
  const text = inode.kind === 'generated' ? texts[inode.content] : undefined;
  if (text === undefined)
    throw new Error(`no text for ${inode.kind === 'generated' ? inode.content : inode.kind}`);
  return encodeName(text(world.info, world));
}

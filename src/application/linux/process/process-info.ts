import type { ProcessInfo, ProcessView } from '../files/process-info.ts';
import { type Kernel, processTime, threadsOf } from '../kernel.ts';
import type { Process, Space } from '../kernel-state.ts';
import { mapsText, regionsOf } from '../memory/mapping.ts';
import { pendingSet } from '../signals/send.ts';
import { handlerDefault, handlerIgnore, signalBit } from '../signals/signal.ts';

export const hostName = 'isochron';
export const kernelRelease = '6.6.0-isochron';
export const kernelVersion = '#1 SMP';

/**
 * Bytes of memory that a space has to hold: what is mapped with some permission. What has been touched would not do, since a
 * page of zeros that was touched is not told from one that was not once a checkpoint has been restored.
 */
const heldBy = (space: Space | undefined): number =>
  space
    ? regionsOf(space)
        .filter(({ permissions }) => permissions !== 0)
        .reduce((sum, { start, end }) => sum + end - start, 0)
    : 0;

function viewOf(kernel: Kernel, process: Process): ProcessView {
  const threads = threadsOf(kernel, process);
  const main = threads[0];
  const space = kernel.state.spaces.get(process.space);
  const sets = { ignored: 0n, caught: 0n };
  for (const [number, { handler }] of process.actions.entries())
    if (number > 0 && handler === handlerIgnore) sets.ignored |= signalBit(number);
    else if (number > 0 && handler !== handlerDefault) sets.caught |= signalBit(number);
  const running = threads.some((thread) => !thread.call && !thread.stopped);
  return {
    pid: process.pid,
    parent: process.parent,
    processGroup: process.group,
    session: process.session,
    name: main?.name ?? '',
    state: process.ended ? 'Z' : main?.stopped ? 'T' : running ? 'R' : 'S',
    programPath: process.programPath,
    arguments: process.arguments,
    environment: process.environment,
    threads: process.threads,
    files: process.files,
    started: process.started,
    cpuTime: BigInt(processTime(kernel, process)),
    virtualSize: space ? regionsOf(space).reduce((sum, region) => sum + region.end - region.start, 0) : 0,
    residentSize: process.ended ? 0 : heldBy(space),
    signals: { pending: pendingSet(process.pending), blocked: main?.blocked ?? 0n, ...sets },
    maps: () => (space ? mapsText(space) : ''),
    auxv: () => process.auxv,
  };
}

/** What /proc shows of this kernel. */
export function processInfo(kernel: Kernel): ProcessInfo {
  const { processes } = kernel.state;
  return {
    processorCount: 1,
    memoryTotal: kernel.setup.memorySize,
    get memoryFree() {
      let used = 0;
      for (const space of kernel.state.spaces.values()) used += heldBy(space);
      return Math.max(0, kernel.setup.memorySize - used);
    },
    hostName,
    kernelRelease,
    kernelVersion,
    processes: () => [...processes.keys()],
    process: (pid) => {
      const process = processes.get(pid);
      return process && viewOf(kernel, process);
    },
  };
}

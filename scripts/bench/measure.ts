import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import koffi from 'koffi';

/** One run of a command. CPU time is user and system time of the whole process, all threads, in seconds. */
export interface Measurement {
  readonly cpu: number;
  readonly wall: number;
  /** Peak resident memory in MiB (sampled every 10 ms; 0 where the system does not tell). */
  readonly peak: number;
  readonly output: string;
}

const libc = koffi.load(null);
const getrusage = libc.func('int getrusage(int who, void *usage)') as (who: number, usage: Buffer) => number;
const children = -1;

/** Seconds of CPU that all children waited for so far have used (POSIX getrusage: two timevals come first). */
function childrenCpu(): number {
  const usage = Buffer.alloc(256);
  if (getrusage(children, usage) !== 0) throw new Error('getrusage failed');
  const at = (offset: number) => Number(usage.readBigInt64LE(offset)) + usage.readInt32LE(offset + 8) / 1e6;
  return at(0) + at(16);
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Runs a command to its end. Throws when it fails, with what it wrote to standard error. */
export async function measure(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  const before = childrenCpu();
  const began = performance.now();
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [output, complaint, peak] = ['', '', 0];
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
  const sampler = setInterval(() => (peak = Math.max(peak, peakOf(child.pid!))), 10);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${complaint.trim()}`);
  } finally {
    clearInterval(sampler);
  }
  return { cpu: childrenCpu() - before, wall: (performance.now() - began) / 1000, peak, output };
}

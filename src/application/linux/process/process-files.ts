import { permission, type GuestMemory, pageSize } from '../../ports/guest-memory.ts';
import { callContext } from '../call-context.ts';
import { errno } from '../errno.ts';
import { fileSystemCalls } from '../files/file-system-calls.ts';
import { type Kernel, type KernelCall, monotonic } from '../kernel.ts';
import type { PendingCall } from '../kernel-state.ts';

/** What starting, copying and ending processes does to their files, in terms of the file system's own calls. */

/** Memory of the kernel's own, from address 0, for calls that it makes itself. */
function kernelMemory(size: number): GuestMemory & { readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(size);
  const inside = (address: number, length: number) => address >= 0 && address + length <= size;
  const unmapped = (address: number) =>
    ({ access: 'load', kind: 'unmapped', address: BigInt(address) }) as const;
  const fixed = () => {
    throw new Error('kernel memory cannot be mapped');
  };
  return {
    size,
    bytes,
    map: fixed,
    unmap: fixed,
    protect: fixed,
    expect: () => undefined,
    permissionsAt: (address) => (inside(address, 1) ? permission.read | permission.write : undefined),
    read: (address, length) =>
      inside(address, length) ? bytes.slice(address, address + length) : unmapped(address),
    write: (address, content) => {
      if (!inside(address, content.length)) return unmapped(address);
      bytes.set(content, address);
      return undefined;
    },
    dirtyPages: 0,
    takeDirtyPages: () => [],
    takeAccesses: () => [],
    touchedCount: 0,
    touchedPages: () => [],
    page: (number) => bytes.subarray(number * pageSize, (number + 1) * pageSize),
    setPages: fixed,
  };
}

const kernelCall = (kernel: Kernel, args: readonly bigint[]): PendingCall => ({
  number: 0,
  args: [...args, ...new Array<bigint>(6 - args.length).fill(0n)],
  since: monotonic(kernel),
  progress: 0,
  reason: '',
  deadline: undefined,
  retry: false,
  futex: undefined,
});

/** Makes a file system call for a thread; negative is an errno. A call that would wait is an error here. */
function perform(call: KernelCall, name: string, args: readonly bigint[], memory?: GuestMemory): number {
  const handler = fileSystemCalls[name];
  if (!handler) throw new Error(`the file system has no call ${name}`);
  const context = callContext(call.kernel, call.thread, kernelCall(call.kernel, args));
  const outcome = handler(memory ? { ...context, memory } : context);
  return typeof outcome === 'object' ? errno.EAGAIN : Number(outcome);
}

const statSize = 128;

/** size and st_mode of an open file (struct stat, asm-generic). */
function status(call: KernelCall, fd: number): { size: number; mode: number } | number {
  const memory = kernelMemory(statSize);
  const result = perform(call, 'fstat', [BigInt(fd), 0n], memory);
  if (result < 0) return result;
  const view = new DataView(memory.bytes.buffer);
  return { size: Number(view.getBigInt64(48, true)), mode: view.getUint32(16, true) };
}

const regularFile = 0o100_000;
const fileTypes = 0o170_000;

function readAt(call: KernelCall, fd: number, offset: number, length: number): Uint8Array | number {
  const memory = kernelMemory(length);
  let done = 0;
  while (done < length) {
    const args = [BigInt(fd), BigInt(done), BigInt(length - done), BigInt(offset + done)];
    const read = perform(call, 'pread64', args, memory);
    if (read < 0) return read;
    if (read === 0) break;
    done += read;
  }
  return memory.bytes.subarray(0, done);
}

/**
 * The bytes that a mapping of `length` bytes of an open file shows, with its name. A shared writable mapping of a
 * file would have to write back, which is not supported: ENODEV.
 */
export function fileToMap(
  call: KernelCall,
  fd: number,
  offset: number,
  length: number,
  writesBack: boolean,
): { readonly name: string; readonly content: Uint8Array } | number {
  const found = status(call, fd);
  if (typeof found === 'number') return found;
  if ((found.mode & fileTypes) !== regularFile) return errno.ENODEV;
  if (writesBack) {
    call.kernel.state.unsupported.set(
      'mmap (shared, writable file)',
      (call.kernel.state.unsupported.get('mmap (shared, writable file)') ?? 0) + 1,
    );
    return errno.ENODEV;
  }
  const available = Math.max(0, Math.min(length, found.size - offset));
  const content = readAt(call, fd, offset, available);
  if (typeof content === 'number') return content === errno.EBADF ? errno.EACCES : content;
  return { name: `/proc/self/fd/${fd}`, content };
}

const currentDirectory = -100n;
const closeOnExec = 0o2_000_000n;
const largestProgram = 1 << 28;

/** Reads the program whose path lies in the caller's memory; negative is an errno. */
export function readProgram(
  call: KernelCall,
  directory: bigint,
  path: bigint,
  flags: bigint,
): Uint8Array | number {
  const fd = perform(call, 'openat', [directory, path, closeOnExec | flags, 0n]);
  if (fd < 0) return fd;
  try {
    const found = status(call, fd);
    if (typeof found === 'number') return found;
    if ((found.mode & fileTypes) !== regularFile || (found.mode & 0o111) === 0) return errno.EACCES;
    if (found.size > largestProgram) return errno.ENOMEM;
    return readAt(call, fd, 0, found.size);
  } finally {
    perform(call, 'close', [BigInt(fd)]);
  }
}

/** Reads the program at a path that the kernel knows. */
export function readProgramAt(call: KernelCall, path: string): Uint8Array | number {
  const name = new TextEncoder().encode(`${path}\0`);
  const memory = kernelMemory(name.length);
  memory.bytes.set(name);
  return readProgram({ ...call, memory }, currentDirectory, 0n, 0n);
}

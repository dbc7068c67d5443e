/**
 * A process without a processor: makes file system calls on real guest memory, as the kernel's dispatch would, and
 * shows what came of them. Waiting calls are made again with `retry`.
 */
import { errno } from '../../../src/application/linux/errno.ts';
import { createFileSystem, createProcessFiles } from '../../../src/application/linux/files/file-system.ts';
import { fileSystemCalls } from '../../../src/application/linux/files/file-system-calls.ts';
import { encodeName } from '../../../src/application/linux/files/names.ts';
import type { ProcessInfo, ProcessView } from '../../../src/application/linux/files/process-info.ts';
import type { SystemCallContext, SystemCallOutcome } from '../../../src/application/linux/system-call.ts';
import { permission } from '../../../src/application/ports/guest-memory.ts';
import type { HostSystem } from '../../../src/application/ports/host-system.ts';
import { FlatMemory } from '../../../src/infrastructure/engine/memory/flat-memory.ts';

export type Argument = number | bigint | string | Uint8Array;

export const closedHost: HostSystem = { perform: () => ({ ok: false, error: 'ENOENT' }) };

/** An address that no bench maps. */
export const nowhere = 0x8_0000;
const scratch = 0x1_0000;
const readOnlyPage = 0x4_0000;

export interface PendingCall {
  readonly attempt: { readonly since: bigint; progress: number };
  readonly name: string;
  readonly args: readonly bigint[];
}

export interface BenchOptions {
  readonly host?: HostSystem;
  readonly mounts?: readonly { readonly guest: string; readonly readOnly: boolean }[];
  readonly workingDirectory?: string;
}

const errorNames = new Map(Object.entries(errno).map(([name, value]) => [value, name]));

export class CallBench {
  readonly memory = new FlatMemory(2 ** 20);
  readonly fileSystem;
  readonly files;
  readonly signals: number[] = [];
  readonly blocked: bigint[] = [];
  readonly host: HostSystem;
  changes = 0;
  monotonic = 1_000_000_000n;
  #attempt: PendingCall['attempt'] = { since: 0n, progress: 0 };
  #last: { readonly name: string; readonly args: readonly bigint[] } | undefined;

  constructor({ host = closedHost, mounts = [], workingDirectory = '/' }: BenchOptions = {}) {
    this.host = host;
    this.fileSystem = createFileSystem({
      program: Uint8Array.from({ length: 10_000 }, (_, index) => index % 251),
      programPath: '/bin/guest',
      workingDirectory,
      mounts,
      epoch: 1_700_000_000_000_000_000n,
    });
    this.files = createProcessFiles(this.fileSystem, workingDirectory);
    this.memory.map(scratch, 0x3_0000, permission.read | permission.write);
    this.memory.map(readOnlyPage, 0x1000, permission.read);
  }

  get readOnlyPage(): number {
    return readOnlyPage;
  }

  #context(args: readonly bigint[], timedOut: boolean): SystemCallContext {
    return {
      args,
      memory: this.memory,
      host: this.host,
      fileSystem: this.fileSystem,
      files: this.files,
      info: this.#info(),
      pid: 7,
      tid: 7,
      monotonic: this.monotonic,
      realtime: 1_700_000_000_000_000_000n + this.monotonic,
      timedOut,
      attempt: this.#attempt,
      random: (length) => new Uint8Array(length).fill(4),
      changed: () => this.changes++,
      raise: (signal) => this.signals.push(signal),
      blockSignals: (mask) => this.blocked.push(mask),
    };
  }

  #info(): ProcessInfo {
    const view: ProcessView = {
      pid: 7,
      parent: 1,
      processGroup: 7,
      session: 7,
      name: 'guest',
      state: 'R',
      programPath: '/bin/guest',
      arguments: ['guest', 'a b'],
      environment: ['A=1'],
      threads: [7, 8],
      files: this.files,
      started: 0n,
      cpuTime: 20_000_000n,
      virtualSize: 8192,
      residentSize: 4096,
      signals: { pending: 0n, blocked: 0n, ignored: 1n, caught: 2n },
      maps: () => '10000-40000 rw-p 00000000 00:00 0 \n',
      auxv: () => new Uint8Array(16),
    };
    return {
      processorCount: 1,
      memoryTotal: 2 ** 20,
      memoryFree: 2 ** 19,
      hostName: 'isochron',
      kernelRelease: '6.6.0',
      kernelVersion: '#1',
      processes: () => [7],
      process: (pid) => (pid === 7 ? view : undefined),
    };
  }

  /** Makes a call. Strings and byte arrays are laid out in memory; `at` says where the first of them lies. */
  outcome(name: string, ...args: readonly Argument[]): SystemCallOutcome {
    let next = scratch;
    const values = args.map((argument) => {
      if (typeof argument === 'number' || typeof argument === 'bigint')
        return BigInt.asUintN(64, BigInt(argument));
      const bytes = typeof argument === 'string' ? encodeName(`${argument}\0`) : argument;
      if (this.memory.write(next, bytes) !== undefined)
        throw new Error('the bench has no room for an argument');
      const address = BigInt(next);
      next += Math.ceil((bytes.length + 1) / 16) * 16;
      return address;
    });
    while (values.length < 6) values.push(0n);
    this.#attempt = { since: this.monotonic, progress: 0 };
    this.#last = { name, args: values };
    return this.retry();
  }

  /** Makes the last call again. */
  retry(timedOut = false): SystemCallOutcome {
    const { name, args } = this.#last!;
    const handler = fileSystemCalls[name];
    if (handler === undefined) throw new Error(`no system call is named ${name}`);
    return handler(this.#context(args, timedOut));
  }

  /** The call that was made last, to be made again later with `resume`. */
  pending(): PendingCall {
    return { attempt: this.#attempt, ...this.#last! };
  }

  resume({ attempt, name, args }: PendingCall): void {
    this.#attempt = attempt;
    this.#last = { name, args };
  }

  /** A call's result: a number, an error's name, or `wait`. */
  call(name: string, ...args: readonly Argument[]): number | string {
    return CallBench.shown(this.outcome(name, ...args));
  }

  static shown(outcome: SystemCallOutcome): number | string {
    if (typeof outcome === 'object') return 'wait';
    const value = Number(outcome);
    return value < 0 ? (errorNames.get(value as never) ?? value) : value;
  }

  /** Opens a file relative to the working directory. */
  open(path: string, flags = 0, mode = 0o644): number | string {
    return this.call('openat', -100, path, flags, mode);
  }

  /** The bytes that were read where a call was told to put them. */
  bytes(address: number, length: number): Uint8Array {
    const bytes = this.memory.read(address, length);
    if (!(bytes instanceof Uint8Array)) throw new Error('not readable');
    return bytes;
  }

  /** Reads up to `length` bytes of a descriptor as text. */
  text(fd: number | string, length = 4096): string {
    const count = this.call('read', Number(fd), scratch, length);
    return typeof count === 'number' ? new TextDecoder().decode(this.bytes(scratch, count)) : count;
  }

  /** The whole text of a file. */
  contents(path: string): string {
    const fd = this.open(path);
    if (typeof fd === 'string') return fd;
    const text = this.text(fd, 0x8000);
    this.call('close', fd);
    return text;
  }

  static get scratch(): number {
    return scratch;
  }
}

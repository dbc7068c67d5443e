import type { Digest } from '../../domain/shared/digest.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { Halt, Observation } from '../ports/guest-event.ts';
import {
  occupancyOf,
  TranslationProjection,
  type TranslationStatistics,
} from '../../domain/translation-cache/statistics.ts';
import type {
  GuestMachine,
  GuestSetup,
  GuestStatus,
  MachineSnapshot,
  MemoryRegionView,
  ProcessView,
  ThreadView,
} from '../ports/guest-machine.ts';
import type { GuestMemory } from '../ports/guest-memory.ts';
import { CanonicalWriter } from './canonical.ts';
import { loadProgram } from './elf/load-program.ts';
import { createFileSystem, createProcessFiles } from './files/file-system.ts';
import { FollowedMemories } from './followed-memories.ts';
import { createMachine, type Kernel, type LinuxParts, memoryOf, randomBytes } from './kernel.ts';
import { Observer } from './observer.ts';
import type { KernelState, Process, Thread } from './kernel-state.ts';
import { regionsOf } from './memory/mapping.ts';
import { initialPid } from './process/end-process.ts';
import { advance } from './scheduler.ts';
import { defaultAction, signalCount } from './signals/signal.ts';
import { waitName } from './turns.ts';

/** The first process. Its number is not 1, for programs treat an init process specially. */
const firstPid = 100;

/**
 * A RISC-V 64 Linux machine with `setup`'s program loaded, at instruction 0. Throws ElfError for a program that
 * cannot be loaded, and the engine's fault when it cannot give the memory.
 */
export function createLinuxMachine(setup: GuestSetup, parts: LinuxParts): GuestMachine {
  return new LinuxMachine(setup, parts);
}

function initialKernel(setup: GuestSetup, parts: LinuxParts): Kernel {
  const { program, programPath, workingDirectory, mounts } = setup;
  const fileSystem = createFileSystem({
    program,
    programPath,
    workingDirectory,
    mounts,
    epoch: BigInt(setup.epoch),
  });
  const state: KernelState = {
    skipped: 0n,
    nextId: firstPid + 1,
    nextSpace: 1,
    nextWait: 0,
    nextShared: 1,
    randomBlocks: 0,
    processes: new Map(),
    threads: new Map(),
    spaces: new Map(),
    queue: [firstPid],
    rotatedAt: 0,
    files: fileSystem.state,
    status: { kind: 'running' },
    unsupported: new Map(),
  };
  const [translations, observer] = [new TranslationProjection(), new Observer()];
  return { ...parts, setup, state, fileSystem, machines: new Map(), translations, observer, icount: 0 };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function startFirstProcess(kernel: Kernel): void {
  const { setup, state } = kernel;
  const machine = createMachine(kernel);
  const environment = Object.entries(setup.environment).map(([name, value]) => `${name}=${value}`);
  const { space, cpu, auxv } = loadProgram(
    {
      program: setup.program,
      programPath: setup.programPath,
      arguments: [setup.programPath, ...setup.arguments].map(encode),
      environment: environment.map(encode),
      random: randomBytes(kernel, 16),
    },
    machine.memory,
    0,
  );
  kernel.machines.set(0, machine);
  state.spaces.set(0, space);
  state.processes.set(firstPid, firstProcess(kernel, environment, auxv));
  state.threads.set(firstPid, firstThread(setup.programPath, cpu));
}

function firstProcess(kernel: Kernel, environment: readonly string[], auxv: Uint8Array): Process {
  const { setup } = kernel;
  return {
    pid: firstPid,
    parent: 1,
    group: firstPid,
    session: firstPid,
    space: 0,
    threads: [firstPid],
    files: createProcessFiles(kernel.fileSystem, setup.workingDirectory),
    actions: Array.from({ length: signalCount + 1 }, () => defaultAction),
    pending: [],
    ended: undefined,
    report: undefined,
    exitSignal: 17,
    programPath: setup.programPath,
    arguments: [setup.programPath, ...setup.arguments],
    environment,
    auxv,
    started: 0n,
    executed: 0,
    childrenExecuted: 0,
    timers: new Map(),
    nextTimer: 0,
    limits: new Map(),
    dumpable: 1,
    subreaper: false,
    parentDeathSignal: 0,
    noNewPrivileges: false,
    membarrier: false,
  };
}

const firstThread = (programPath: string, cpu: Uint8Array): Thread => ({
  tid: firstPid,
  pid: firstPid,
  cpu,
  call: undefined,
  stopped: false,
  vforkChild: 0,
  blocked: 0n,
  restoreMask: undefined,
  pending: [],
  altStack: { base: 0n, size: 0n, flags: 2 },
  clearChildTid: 0,
  robustList: 0n,
  name: programPath.slice(programPath.lastIndexOf('/') + 1).slice(0, 15),
  executed: 0,
});

class LinuxMachine implements GuestMachine {
  readonly isa: InstructionSet;
  readonly engine: string;
  readonly #kernel: Kernel;
  readonly #memories: FollowedMemories;
  readonly #digests = new WeakMap<Uint8Array, Digest>();

  constructor(setup: GuestSetup, parts: LinuxParts) {
    this.isa = parts.isa;
    this.engine = parts.engine.name;
    this.#kernel = initialKernel(setup, parts);
    this.#memories = new FollowedMemories(this.#kernel);
    startFirstProcess(this.#kernel);
  }

  get icount(): number {
    return this.#kernel.icount;
  }

  get status(): GuestStatus {
    return this.#kernel.state.status;
  }

  get unsupported(): ReadonlyMap<string, number> {
    return this.#kernel.state.unsupported;
  }

  /** The memory of the process whose turn it is; of the first one when the guest has ended. */
  get memory(): GuestMemory {
    return this.memoryOf();
  }

  get statistics(): TranslationStatistics {
    const { machines, translations } = this.#kernel;
    return translations.statistics(occupancyOf([...machines.values()].map(({ occupancy }) => occupancy)));
  }

  advance(until: number, observation?: Observation): Halt | undefined {
    if (!Number.isSafeInteger(until)) throw new RangeError(`cannot advance to instruction ${until}`);
    const { observer } = this.#kernel;
    observer.begin(this.#kernel, until, observation);
    try {
      advance(this.#kernel);
      return observer.halt;
    } finally {
      observer.end();
    }
  }

  changedPages(): { readonly sinceDigest: number; readonly sinceSnapshot: number } {
    return this.#memories.changedPages();
  }

  digest(): Digest {
    const { state, hash, icount } = this.#kernel;
    const writer = new CanonicalWriter((bytes) => this.#digestOf(bytes));
    writer.write({ ...state, icount });
    for (const root of this.#memories.roots()) writer.write(root);
    return hash(writer.bytes);
  }

  snapshot(): MachineSnapshot {
    return this.#memories.snapshot();
  }

  restore(snapshot: MachineSnapshot): void {
    this.#memories.restore(snapshot);
  }

  threads(): readonly ThreadView[] {
    const { state } = this.#kernel;
    return [...state.threads.values()].map((thread) => {
      const { tid: id, pid: process, name, executed } = thread;
      const view = { id, process, name, executed, cpu: thread.cpu.slice() };
      if (thread.stopped) return { ...view, state: 'stopped' };
      if (thread.call || thread.vforkChild)
        return { ...view, state: 'blocked', waitingFor: waitName(thread) };
      return { ...view, state: state.queue[0] === id ? 'running' : 'runnable' };
    });
  }

  process(thread?: number): ProcessView {
    const { pid, programPath, arguments: list, auxv } = this.#shown(thread);
    return { id: pid, programPath, arguments: list, auxv };
  }

  memoryOf(thread?: number): GuestMemory {
    return memoryOf(this.#kernel, this.#shown(thread));
  }

  regions(thread?: number): readonly MemoryRegionView[] {
    const space = this.#kernel.state.spaces.get(this.#shown(thread).space);
    return space
      ? regionsOf(space).map(({ start, end, permissions, name }) => ({ start, end, permissions, name }))
      : [];
  }

  /** The process that an observer looks at. */
  #shown(id?: number): Process {
    const { state } = this.#kernel;
    const thread = state.threads.get(id ?? state.queue[0] ?? 0);
    return state.processes.get(thread?.pid ?? initialPid(this.#kernel))!;
  }

  /** Byte arrays of the file system are replaced, never changed, so their digests can be kept. */
  #digestOf(bytes: Uint8Array): Digest {
    // A thread's registers do change in place.
    if (bytes.length === this.isa.layout.size) return this.#kernel.hash(bytes);
    let digest = this.#digests.get(bytes);
    if (digest === undefined) this.#digests.set(bytes, (digest = this.#kernel.hash(bytes)));
    return digest;
  }
}

import type { Digest } from '../../domain/shared/digest.ts';
import { type Slot, widths } from '../../domain/ir/types.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { Halt, Observation } from '../ports/guest-event.ts';
import { occupancyOf, type TranslationStatistics } from '../../domain/translation-cache/statistics.ts';
import type {
  GuestMachine,
  GuestSetup,
  GuestStatus,
  MachineImage,
  MachineSnapshot,
  PageReader,
  MemoryRegionView,
  ProcessView,
  ThreadView,
} from '../ports/guest-machine.ts';
import type { GuestMemory } from '../ports/guest-memory.ts';
import { FollowedMemories } from './followed-memories.ts';
import { initialKernel, startFirstProcess } from './initial-kernel.ts';
import { type Kernel, type LinuxParts, memoryOf } from './kernel.ts';
import type { Process } from './kernel-state.ts';
import { regionsOf } from './memory/mapping.ts';
import { initialPid } from './process/end-process.ts';
import { advance } from './scheduler.ts';
import { StateBytes } from './state-bytes.ts';
import { waitName } from './turns.ts';

/**
 * A RISC-V 64 Linux machine with `setup`'s program loaded, at instruction 0. Throws ElfError for a program that
 * cannot be loaded, and the engine's fault when it cannot give the memory.
 */
export function createLinuxMachine(setup: GuestSetup, parts: LinuxParts): GuestMachine {
  return new LinuxMachine(setup, parts);
}

class LinuxMachine implements GuestMachine {
  readonly isa: InstructionSet;
  readonly engine: string;
  readonly #kernel: Kernel;
  readonly #memories: FollowedMemories;
  readonly #state: StateBytes;
  readonly #digests = new WeakMap<Uint8Array, Digest>();

  constructor(setup: GuestSetup, parts: LinuxParts) {
    this.isa = parts.isa;
    this.engine = parts.engine.name;
    this.#kernel = initialKernel(setup, parts);
    this.#memories = new FollowedMemories(this.#kernel);
    this.#state = new StateBytes(this.#kernel, (bytes) => this.#digestOf(bytes));
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

  changedPages(since: PageReader): number {
    return this.#memories.changedPages(since);
  }

  digest(): Digest {
    const writer = this.#state.write();
    for (const root of this.#memories.roots()) writer.write(root);
    return this.#kernel.hash(writer.bytes);
  }

  snapshot(): MachineSnapshot {
    return this.#memories.snapshot();
  }

  image(): MachineImage {
    return this.#memories.image();
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

  setRegister(thread: number, { offset, type }: Slot, value: bigint): void {
    const { cpu } = this.#kernel.state.threads.get(thread)!;
    const size = Math.max(1, widths[type] / 8);
    for (let at = 0; at < size; at++) cpu[offset + at] = Number((value >> BigInt(8 * at)) & 0xffn);
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

import { TranslationProjection } from '../../domain/translation-cache/statistics.ts';
import type { GuestSetup } from '../ports/guest-machine.ts';
import { loadProgram } from './elf/load-program.ts';
import { createFileSystem, createProcessFiles } from './files/file-system.ts';
import { createMachine, type Kernel, type LinuxParts, randomBytes } from './kernel.ts';
import type { KernelState, Process, Thread } from './kernel-state.ts';
import { Observer } from './observer.ts';
import { defaultAction, signalCount } from './signals/signal.ts';

/** The first process. Its number is not 1, for programs treat an init process specially. */
const firstPid = 100;

/** A kernel without any process. */
export function initialKernel(setup: GuestSetup, parts: LinuxParts): Kernel {
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
  return {
    ...parts,
    setup,
    state,
    fileSystem,
    machines: new Map(),
    translations,
    observer,
    icount: 0,
    work: 0,
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Loads the program into the first process. Throws ElfError. */
export function startFirstProcess(kernel: Kernel): void {
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

import type { GuestEvent, GuestEventKind, Halt, Observation } from '../ports/guest-event.ts';
import type { EngineMachine } from '../ports/execution-engine.ts';
import { noStops, type Stops, type WatchedAccess } from '../ports/stops.ts';
import type { KernelState, Thread } from './kernel-state.ts';
import { getPc } from './registers.ts';
import { signalName } from './signals/signal.ts';
import { systemCallName } from './system-call-names.ts';

/** Unobserved runs no longer than this keep the stops of the one before: engines make code anew when stops change. */
const shortRun = 2 ** 16;

interface ObservedKernel {
  readonly icount: number;
  readonly state: KernelState;
  readonly machines: ReadonlyMap<number, EngineMachine>;
}

type Happening = GuestEvent extends infer E
  ? E extends GuestEvent
    ? Omit<E, 'icount' | 'thread' | 'process' | 'pc'>
    : never
  : never;

/** Tells whoever observes a run what happens in it, and says where it ends. */
export class Observer {
  /** How far to run. */
  until = 0;
  halt: Halt | undefined;
  #observation: Observation | undefined;
  #stops: Stops = noStops;
  /** The thread whose turn it is, at the last instant. */
  #turn = 0;

  /** Where machines stop. */
  get stops(): Stops {
    return this.#stops;
  }

  begin(kernel: ObservedKernel, until: number, observation: Observation | undefined): void {
    this.until = until;
    this.halt = undefined;
    this.#observation = observation;
    this.#turn = kernel.state.queue[0] ?? 0;
    if (observation) this.#stops = observation.stops;
    else if (this.#stops !== noStops)
      this.#stops = until - kernel.icount > shortRun ? noStops : { ...this.#stops, from: Infinity };
    for (const machine of kernel.machines.values()) {
      machine.stops = this.#stops;
      machine.memory.takeAccesses();
    }
  }

  end(): void {
    this.#observation = undefined;
  }

  /** At a breakpoint; gives whether to stop there. `exact`: the state is that of the instant. */
  breakpoint(kernel: ObservedKernel, thread: Thread, exact: boolean): boolean {
    const event = this.#tell(kernel.icount, thread, { kind: 'breakpoint' });
    if (event) this.halt = { event, exact };
    return event !== undefined;
  }

  /** The instruction that just retired accessed what is watched. */
  accessed(kernel: ObservedKernel, thread: Thread, pc: bigint, accesses: readonly WatchedAccess[]): void {
    this.#happened(kernel.icount - 1, thread, { kind: 'watchpoint', accesses, by: 'instruction' }, pc);
  }

  /** What the system did in the course of the instruction at `icount`; `pc`: of the instruction, where it made a call. */
  systemDid(kernel: ObservedKernel, icount: number, thread: Thread, pc?: bigint): void {
    if (!this.#observation) return;
    const { machines, state } = kernel;
    for (const { memory } of machines.values()) {
      const accesses = memory.takeAccesses();
      if (accesses.length > 0)
        this.#happened(icount, thread, { kind: 'watchpoint', accesses, by: 'system' }, pc);
    }
    const turn = state.queue[0] ?? 0;
    if (turn === this.#turn) return;
    const from = state.threads.get(this.#turn) ?? thread;
    this.#turn = turn;
    this.#happened(icount, from, { kind: 'thread-switch', to: turn }, pc);
  }

  /** The instruction that just retired, at `pc`, makes a system call. */
  systemCall(kernel: ObservedKernel, thread: Thread, number: number, pc: bigint): void {
    this.#happened(kernel.icount - 1, thread, { kind: 'system-call', call: systemCallName(number) }, pc);
  }

  signal(kernel: ObservedKernel, thread: Thread, number: number): void {
    this.#happened(kernel.icount, thread, { kind: 'signal', signal: number, name: signalName(number) });
  }

  #happened(icount: number, thread: Thread, what: Happening, pc?: bigint): void {
    const event = this.#tell(icount, thread, what, pc);
    if (!event) return;
    this.until = Math.min(this.until, icount + 1);
    this.halt ??= { event, exact: true };
  }

  /** The event, where it is one to stop for. */
  #tell(icount: number, thread: Thread, what: Happening, pc = getPc(thread.cpu)): GuestEvent | undefined {
    const observation = this.#observation;
    if (!observation || icount < this.#stops.from) return undefined;
    const always: readonly GuestEventKind[] = ['breakpoint', 'watchpoint'];
    if (!always.includes(what.kind) && !observation.kinds.has(what.kind)) return undefined;
    const event = { ...what, icount, thread: thread.tid, process: thread.pid, pc };
    return observation.see(event) ? event : undefined;
  }
}

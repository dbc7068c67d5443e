import type { StateLayout } from '../../domain/ir/types.ts';
import type { EffectListener, RetiredInstruction, SystemAccess } from '../ports/effect-trace.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';
import { readSlot, readSlots } from '../recording/machine-difference.ts';
import { callArguments, getPc, getX, register } from '../linux/registers.ts';
import type { CodeTexts } from './code-texts.ts';
import type { Effect, EffectKind } from './effect.ts';
import { memoryEffect } from './memory-effect.ts';
import { SystemAccesses } from './system-accesses.ts';

type OpenCall = Pick<Effect, 'icount' | 'thread' | 'process' | 'pc' | 'call' | 'arguments'>;
type Values = Pick<Effect, 'register' | 'address' | 'size' | 'before' | 'after' | 'data'>;

/** There are many effects of instructions: they have one shape. */
const noValues: Values = {
  register: undefined,
  address: undefined,
  size: undefined,
  before: undefined,
  after: undefined,
  data: undefined,
};

interface RunningThread {
  readonly id: number;
  readonly process: number;
  /** It runs the program whose symbols are known. */
  readonly named: boolean;
}

type Occasion = Pick<Effect, 'icount' | 'thread' | 'process' | 'pc' | 'call' | 'signal'>;

/**
 * Makes effects of what a guest does. Law: between two calls of {@link settle} the guest makes at most one system call, and stops
 * right after it.
 */
export class EffectCollector implements EffectListener {
  listens = false;
  readonly #kinds: ReadonlySet<EffectKind>;
  readonly #guest: GuestMachine;
  readonly #texts: CodeTexts;
  readonly #layout: StateLayout;
  readonly #program: string;
  #effects: Effect[] = [];
  /** What comes after the call that is open. */
  #later: Effect[] = [];
  #thread: RunningThread;
  /** What each thread's state was when it last ran. */
  readonly #saved = new Map<number, Uint8Array>();
  readonly #accesses: SystemAccesses;
  #open: OpenCall | undefined;
  /** Calls that have not returned, by thread; and the signal that is being delivered. */
  readonly #waiting = new Map<number, string>();
  #signal: { readonly thread: number; readonly name: string } | undefined;

  /** `program`: the path of the program whose symbols `texts` has. */
  constructor(guest: GuestMachine, kinds: ReadonlySet<EffectKind>, texts: CodeTexts, program: string) {
    this.#guest = guest;
    this.#kinds = kinds;
    this.#accesses = new SystemAccesses(guest);
    this.#texts = texts;
    this.#layout = guest.isa.layout;
    this.#program = program;
    this.#thread = this.#known(guest.threads().find(({ state }) => state === 'running')?.id);
  }

  /** Begins where the guest stands. */
  begin(): void {
    this.listens = true;
    const threads = this.#guest.threads();
    this.#saved.clear();
    this.#waiting.clear();
    for (const { id, cpu } of threads) this.#saved.set(id, cpu);
    this.#accesses.take(0);
    this.#thread = this.#known((threads.find(({ state }) => state === 'running') ?? threads[0])?.id);
  }

  /** What was collected since the last call. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  resumed(icount: number, cpu: Uint8Array): void {
    const { id } = this.#thread;
    const pc = readSlot(cpu, this.#layout.pc);
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    const signal = this.#signal?.thread === id ? this.#signal.name : undefined;
    this.#signal = undefined;
    this.#bySystem({ ...this.#where(icount, pc), call, signal }, cpu);
  }

  suspended(cpu: Uint8Array): void {
    this.#saved.set(this.#thread.id, cpu.slice());
  }

  retired({ icount, pc, decoded, registers, memory }: RetiredInstruction): void {
    const { text, symbol } = this.#texts.of(decoded, pc, this.#thread.named);
    const { id: thread, process } = this.#thread;
    const code = { icount, thread, process, pc, by: 'instruction', text, symbol } as const;
    const add = (kind: EffectKind, values: Values): void => {
      if (this.#kinds.has(kind)) this.#effects.push({ kind, ...code, ...values });
    };
    add('instruction', noValues);
    for (const { access, register, before, after } of registers)
      add(`register-${access}`, { ...noValues, register, before, after });
    for (const made of memory) add(`memory-${made.access}`, { ...noValues, ...memoryEffect(made) });
  }

  systemAccess(access: SystemAccess): void {
    if (this.#kinds.has(`memory-${access.access}`)) this.#accesses.add(access, this.#thread.id);
  }

  /** Told of system calls, signals and thread switches; gives whether to stop. */
  see(event: GuestEvent): boolean {
    const { icount, thread, process, pc } = event;
    const where = { icount, thread, process, pc, by: 'system' } as const;
    switch (event.kind) {
      case 'system-call': {
        const cpu = this.#guest.threads().find(({ id }) => id === thread)?.cpu;
        const called = { icount, thread, process, pc, call: event.call };
        this.#open = { ...called, ...(cpu && { arguments: callArguments(cpu) }) };
        return true;
      }
      case 'signal':
        this.#signal = { thread, name: event.name };
        this.#add({ kind: 'signal', ...where, signal: event.name });
        return false;
      case 'thread-switch':
        this.#add({ kind: 'thread-switch', ...where, to: event.to });
        this.#thread = this.#known(event.to);
        return false;
      default:
        return false;
    }
  }

  /** The guest stands at an instant: what a call did that it has just made is known. */
  settle(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const thread = this.#guest.threads().find(({ id }) => id === open.thread);
    const waits = thread?.state === 'blocked';
    if (waits) this.#waiting.set(open.thread, open.call!);
    const returned = thread && !waits && getPc(thread.cpu) === open.pc + 4n;
    const result = returned ? getX(thread.cpu, register.a0) : undefined;
    this.#add({ kind: 'system-call', by: 'instruction', ...open, result });
    this.#bySystem({ ...open, call: open.call! }, thread?.cpu);
    if (thread) this.#saved.set(open.thread, thread.cpu);
    for (const effect of this.#later) this.#add(effect);
    this.#later = [];
  }

  /** What the system did, since the thread last ran, to memory and to the thread's registers. */
  #bySystem({ icount, thread, process, pc, call, signal }: Occasion, cpu: Uint8Array | undefined): void {
    const where = { icount, thread, process, pc, by: 'system', call, signal } as const;
    for (const { access, process: owner = process, ...values } of this.#accesses.take(thread))
      this.#add({ kind: `memory-${access}`, ...where, process: owner, ...memoryEffect(values) });
    const saved = this.#saved.get(thread);
    if (!cpu || !saved || !this.#kinds.has('register-write')) return;
    if (cpu.every((byte, at) => byte === saved[at])) return;
    const old = readSlots(saved, this.#layout);
    for (const [name, after] of readSlots(cpu, this.#layout)) {
      const before = old.get(name)!;
      if (before !== after) this.#add({ kind: 'register-write', ...where, register: name, before, after });
    }
  }

  /** Keeps the order: what happens while a call is being made comes after it. */
  #add(effect: Effect): void {
    if (!this.#kinds.has(effect.kind)) return;
    (this.#open === undefined ? this.#effects : this.#later).push(effect);
  }

  #where = (icount: number, pc: bigint) => ({
    icount,
    thread: this.#thread.id,
    process: this.#thread.process,
    pc,
  });

  #known(id: number | undefined): RunningThread {
    const { id: process, programPath } = this.#guest.process(id);
    return { id: id ?? 0, process, named: programPath === this.#program };
  }
}

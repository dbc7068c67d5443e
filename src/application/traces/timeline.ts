import type { SymbolTable } from '../inspection/symbols.ts';
import { trampolineCode } from '../linux/elf/load-program.ts';
import { callArguments, getPc, getX, register } from '../linux/registers.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import type { GuestMachine, ThreadView } from '../ports/guest-machine.ts';
import { type TimelineItem, type Track, turnsTrack } from '../ports/timeline-file.ts';
import { decodedAt, jumpHint } from '../travel/jump-hint.ts';
import { CallStack } from './call-stack.ts';

interface OpenCall extends Track {
  readonly name: string;
  readonly begin: number;
  readonly pc: bigint;
  readonly details: Readonly<Record<string, string>>;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Makes items of what is seen of a guest. A system call is told of, then {@link settle} is called with the guest right after it. */
export class Timeline {
  readonly #guest: GuestMachine;
  readonly #symbols: SymbolTable;
  readonly #program: string;
  #items: TimelineItem[] = [];
  readonly #named = new Set<string>();
  readonly #stacks = new Map<number, CallStack>();
  readonly #waiting = new Map<number, OpenCall>();
  readonly #counts = new Map<string, number>();
  /** Counters as they were told last. */
  readonly #told = new Map<string, string>();
  #open: OpenCall | undefined;
  #signal:
    { readonly thread: number; readonly name: string; readonly at: number; readonly sp: bigint } | undefined;
  #turn: { readonly thread: number; readonly begin: number };

  /** `program`: the path of the program that has these symbols. */
  constructor(guest: GuestMachine, symbols: SymbolTable, program: string) {
    this.#guest = guest;
    this.#symbols = symbols;
    this.#program = program;
    const threads = guest.threads();
    for (const { id, process } of threads) this.#stackOf({ process, thread: id });
    this.#turn = {
      thread: (threads.find(({ state }) => state === 'running') ?? threads[0])?.id ?? 0,
      begin: guest.icount,
    };
    this.#items.push({ kind: 'process', process: turnsTrack.process, name: 'guest' });
    this.#items.push({ kind: 'thread', ...turnsTrack, name: 'turns' });
    for (const thread of threads) this.#name(thread);
  }

  take(): readonly TimelineItem[] {
    const items = this.#items;
    this.#items = [];
    // What begins with the range’s last instruction has no length.
    return items.filter((item) => item.kind !== 'span' || item.end > item.begin);
  }

  /** Gives whether the guest is to stop at the next instant. */
  see(event: GuestEvent): boolean {
    const { icount, thread: id, process, pc } = event;
    const thread = this.#guest.threads().find((candidate) => candidate.id === id);
    if (thread) this.#name(thread);
    this.#wentOn(id, event.kind === 'thread-switch' ? icount - 1 : icount);
    switch (event.kind) {
      case 'watchpoint':
        if (event.by === 'instruction' && thread) this.#jump(event, thread);
        return false;
      case 'system-call': {
        const given = thread ? callArguments(thread.cpu) : [];
        const details = Object.fromEntries(given.map((value, at) => [`a${at}`, hex(value)]));
        this.#open = { process, thread: id, name: event.call, begin: icount, pc, details };
        this.#counts.set(event.call, (this.#counts.get(event.call) ?? 0) + 1);
        return true;
      }
      case 'signal':
        this.#items.push({ kind: 'moment', process, thread: id, name: event.name, at: icount });
        if (thread)
          this.#signal = { thread: id, name: event.name, at: icount, sp: getX(thread.cpu, register.sp) };
        return true;
      case 'thread-switch':
        this.#switch(event.to, this.#open?.begin === icount ? icount + 1 : icount);
        return false;
      default:
        return false;
    }
  }

  /** The guest stands at an instant: what came of a call or a signal is known. */
  settle(): void {
    const { icount } = this.#guest;
    const threads = this.#guest.threads();
    for (const thread of threads) this.#name(thread);
    this.#enterHandler(threads);
    this.#endThreads(threads, icount);
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const thread = threads.find(({ id }) => id === open.thread);
    const stack = this.#stackOf(open);
    if (thread?.state === 'blocked') this.#waiting.set(open.thread, open);
    else this.#returned(open, icount, thread);
    if (open.name === 'rt_sigreturn') this.#items.push(...stack.returnFromHandler(icount));
    const replaced = open.name === 'execve' && thread && getPc(thread.cpu) !== open.pc + 4n;
    if (replaced) this.#items.push(...stack.endAll(icount));
  }

  /** How many calls were made by now, and how much memory each process has. */
  count(): void {
    const { icount: at } = this.#guest;
    const memory: Record<string, number> = {};
    for (const { id, process } of this.#guest.threads())
      memory[`process ${process}`] ??= this.#guest
        .regions(id)
        .reduce((sum, { start, end }) => sum + end - start, 0);
    this.#counter('mapped bytes', at, memory);
    const calls = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    this.#counter('system calls', at, { calls });
  }

  /** Tells of a counter that has changed. */
  #counter(name: string, at: number, values: Readonly<Record<string, number>>): void {
    const told = JSON.stringify(values);
    if (this.#told.get(name) === told) return;
    this.#told.set(name, told);
    this.#items.push({ kind: 'counter', name, at, values });
  }

  /** Ends whatever has not ended. */
  finish(): void {
    const { icount } = this.#guest;
    this.#wentOn(this.#turn.thread, icount);
    for (const open of this.#waiting.values()) this.#returned(open, icount, undefined);
    for (const stack of this.#stacks.values()) this.#items.push(...stack.endAll(icount));
    this.#switch(0, icount);
  }

  /** An instruction that reads or writes a link register was executed: a call or a return, or neither. */
  #jump({ icount, pc }: GuestEvent, thread: ThreadView): void {
    const { isa } = this.#guest;
    const memory = this.#guest.memoryOf(thread.id);
    const decoded = decodedAt(isa, pc, (address, length) => {
      const bytes = memory.read(Number(address), length, 0);
      return bytes instanceof Uint8Array ? bytes : undefined;
    });
    const hint = decoded === undefined ? 'none' : jumpHint(isa, decoded);
    if (decoded === undefined || hint === 'none') return;
    const stack = this.#stackOf({ process: thread.process, thread: thread.id });
    const to = getPc(thread.cpu);
    const sp = getX(thread.cpu, register.sp);
    if (hint !== 'call') this.#items.push(...stack.return(icount + 1, to, sp, this.#functionAt(pc, thread)));
    if (hint === 'return') return;
    const returnsTo = pc + BigInt(decoded.length);
    stack.call({
      category: 'function',
      name: this.#functionAt(to, thread),
      begin: icount + 1,
      sp,
      returnsTo,
    });
  }

  #functionAt(pc: bigint, { id }: ThreadView): string {
    const known = this.#guest.process(id).programPath === this.#program;
    return (known ? this.#symbols.describe(pc)?.replace(/\+0x[0-9a-f]+$/, '') : undefined) ?? hex(pc);
  }

  /** Where a handler was entered, the thread is to return to the code that calls rt_sigreturn. */
  #enterHandler(threads: readonly ThreadView[]): void {
    const signal = this.#signal;
    this.#signal = undefined;
    const thread = threads.find(({ id }) => id === signal?.thread);
    if (signal === undefined || thread === undefined) return;
    const code = this.#guest
      .memoryOf(thread.id)
      .read(Number(getX(thread.cpu, register.ra)), trampolineCode.length, 0);
    if (!(code instanceof Uint8Array) || !trampolineCode.every((byte, at) => code[at] === byte)) return;
    const name = `${signal.name} handler`;
    const { at: begin, sp } = signal;
    const stack = this.#stackOf({ process: thread.process, thread: thread.id });
    stack.call({ category: 'signal handler', name, begin, sp, returnsTo: -1n });
  }

  #switch(to: number, at: number): void {
    const { thread, begin } = this.#turn;
    const turn = {
      kind: 'span',
      ...turnsTrack,
      category: 'turn',
      name: `thread ${thread}`,
      begin,
      end: at,
    } as const;
    if (at > begin) this.#items.push(turn);
    this.#turn = { thread: to, begin: at };
    const waiting = this.#waiting.get(to);
    if (waiting === undefined) return;
    this.#waiting.delete(to);
    this.#returned(
      waiting,
      at,
      this.#guest.threads().find(({ id }) => id === to),
    );
  }

  /** A thread executes at `icount`: a call for which it waited without losing its turn has returned, at once. */
  #wentOn(id: number, icount: number): void {
    const open = this.#waiting.get(id);
    if (open === undefined || this.#turn.thread !== id || icount <= open.begin) return;
    this.#waiting.delete(id);
    this.#returned(open, open.begin + 1, undefined);
  }

  #returned(
    { process, thread, name, begin, details, pc }: OpenCall,
    at: number,
    view: ThreadView | undefined,
  ): void {
    const result =
      view && getPc(view.cpu) === pc + 4n
        ? { result: String(BigInt.asIntN(64, getX(view.cpu, register.a0))) }
        : {};
    const end = Math.max(at, begin + 1);
    const span = { kind: 'span', process, thread, category: 'system call', name, begin, end } as const;
    this.#items.push({ ...span, details: { ...details, ...result } });
  }

  #endThreads(threads: readonly ThreadView[], at: number): void {
    for (const [id, stack] of this.#stacks) {
      if (threads.some((thread) => thread.id === id)) continue;
      this.#items.push(...stack.endAll(at));
      this.#stacks.delete(id);
      this.#waiting.delete(id);
    }
  }

  #stackOf({ process, thread }: Track): CallStack {
    let stack = this.#stacks.get(thread);
    if (!stack) this.#stacks.set(thread, (stack = new CallStack({ process, thread }, this.#guest.icount)));
    return stack;
  }

  #name({ id, process, name }: ThreadView): void {
    const key = `${process} ${id} ${name}`;
    if (this.#named.has(key)) return;
    this.#named.add(key);
    if (id === process) this.#items.push({ kind: 'process', process, name });
    this.#items.push({ kind: 'thread', process, thread: id, name: `${name} (${id})` });
  }
}

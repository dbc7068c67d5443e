import type { MemoryEffect, SystemAccess } from '../ports/effect-trace.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';

/** A finished access of the system; `process`: whose memory it is, where a process has it. */
export interface OwnedAccess extends MemoryEffect {
  readonly process: number | undefined;
}

/** What the system does to memory until someone asks. Law: an access is over when the next one begins. */
export class SystemAccesses {
  readonly #guest: GuestMachine;
  #over: OwnedAccess[] = [];
  #last: SystemAccess | undefined;
  /** Whose the last one’s memory was when it began; it may be gone by now, or nobody’s yet. */
  #owner: number | undefined;

  constructor(guest: GuestMachine) {
    this.#guest = guest;
  }

  /** `thread`: the one for which the system is likely to act. */
  add(access: SystemAccess, thread: number): void {
    this.#finish(thread);
    this.#last = access;
    this.#owner = this.#ownerOf(access, thread);
  }

  /** All since the last call, in order. */
  take(thread: number): readonly OwnedAccess[] {
    this.#finish(thread);
    const over = this.#over;
    this.#over = [];
    return over;
  }

  #finish(thread: number): void {
    if (this.#last === undefined) return;
    const { access, address, before, now } = this.#last;
    const process = this.#owner ?? this.#ownerOf(this.#last, thread);
    this.#over.push({ access, address, before, after: access === 'read' ? before : now(), process });
    this.#last = undefined;
  }

  /** The process whose memory it is: that of the thread, where several share it. */
  #ownerOf({ memory }: SystemAccess, thread: number): number | undefined {
    const guest = this.#guest;
    if (guest.memoryOf(thread) === memory) return guest.process(thread).id;
    return guest.threads().find(({ id }) => guest.memoryOf(id) === memory)?.process;
  }
}

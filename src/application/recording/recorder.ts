import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import type {
  GuestEnd,
  MachineCreatedData,
  MachineEvent,
  MachineForkedData,
  RequestUnansweredData,
} from '../../domain/virtual-machine/events.ts';
import {
  createMachineDecider,
  isCheckpointDue,
  isDigestDue,
  type MachineCommand,
} from '../../domain/virtual-machine/machine.ts';
import type { MachineState } from '../../domain/virtual-machine/machine-state.ts';
import { isDigestPoint } from '../../domain/virtual-machine/schedule.ts';
import { hex } from '../../domain/shared/bits.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import type { Journal } from './journal.ts';
import { RecordingError } from './recording-error.ts';
import type { RecordingHost } from './recording-host.ts';
import type { RunStatus } from './recording-end.ts';

/** Turns what a machine does into events of its aggregate. */
export class Recorder {
  readonly #machine: GuestMachine;
  readonly #host: RecordingHost;
  readonly #journal: Journal;
  readonly #decider: ReturnType<typeof createMachineDecider>;
  readonly #checkpoints: CheckpointWriter;
  #state: MachineState;

  /** `before`: for a branch, what its parent's events make of the machine, and the pages of the last checkpoint among them. */
  constructor(
    machine: GuestMachine,
    host: RecordingHost,
    hash: HashFunction,
    journal: Journal,
    before?: { readonly state: MachineState; readonly checkpoints: CheckpointWriter },
  ) {
    this.#machine = machine;
    this.#host = host;
    this.#journal = journal;
    this.#decider = createMachineDecider(hash);
    this.#checkpoints = before?.checkpoints ?? new CheckpointWriter(hash);
    this.#state = before?.state ?? this.#decider.initial;
  }

  get events(): number {
    return this.#journal.written;
  }

  async begin(setup: MachineCreatedData, program: Uint8Array): Promise<void> {
    const created = this.#decide({ type: 'CreateMachine', setup });
    const started = this.#decide({
      type: 'StartMachine',
      entry: entryOf(this.#machine),
      digest: this.#machine.digest(),
    });
    await this.#journal.write([...created, ...started], [program]);
    await this.sliceEnded();
    // The name is taken, and the recording exists, before the guest does anything.
    await this.#journal.flush();
  }

  /** Begins a branch: the machine stands edited at the fork. */
  async fork(fork: Pick<MachineForkedData, 'parent' | 'revision' | 'edits'>): Promise<void> {
    const { icount } = this.#machine;
    const digest = this.#machine.digest();
    await this.#journal.write(this.#decide({ type: 'ForkMachine', ...fork, icount, digest }));
    await this.#journal.flush();
  }

  /** Ends a branch whose guest asked what nobody answers; the machine stands within an instruction. */
  async leaveUnanswered(question: Pick<RequestUnansweredData, 'call' | 'request'>): Promise<Digest> {
    const { icount } = this.#machine;
    const { replies, blobs } = this.#host.take();
    const events = replies.flatMap((reply) => this.#decide({ type: 'RecordReply', ...reply }));
    events.push(...this.#decide({ type: 'LeaveUnanswered', ...question, icount }));
    await this.#journal.write(events, blobs);
    await this.#journal.flush();
    return this.#chain();
  }

  async sliceEnded(): Promise<void> {
    const { replies, blobs } = this.#host.take();
    const events = replies.flatMap((reply) => this.#decide({ type: 'RecordReply', ...reply }));
    if (this.#machine.status.kind === 'running') events.push(...this.#digest());
    await this.#journal.write(events, blobs);
    await this.#checkpoint();
  }

  #digest(): MachineEvent[] {
    const { icount } = this.#machine;
    if (this.#state.status !== 'running' || !isDigestPoint(icount, this.#state.setup.digestInterval))
      return [];
    const changedPages = this.#machine.changedPages('digest');
    if (!isDigestDue(this.#state, icount, changedPages)) return [];
    return this.#decide({ type: 'AdvanceExecution', icount, changedPages, digest: this.#machine.digest() });
  }

  /** Takes one where it is due. Its pages are handed on as they are read: there may be more than should be held twice. */
  async #checkpoint(): Promise<void> {
    const { icount, status } = this.#machine;
    if (this.#state.status !== 'running' || status.kind !== 'running') return;
    if (this.#state.advancedTo !== icount) return;
    const changedPages = this.#machine.changedPages('image');
    if (!isCheckpointDue(this.#state, icount, changedPages)) return;
    const blobs = this.#checkpoints.encodeImage(this.#machine.image());
    let next = blobs.next();
    for (; !next.done; next = blobs.next()) await this.#journal.write([], [next.value]);
    const taken = this.#decide({ type: 'TakeCheckpoint', icount, changedPages, snapshot: next.value });
    await this.#journal.write(taken);
  }

  /** Has everything recorded so far written; what stands in the way of that is not the news when the run itself failed. */
  async keep(): Promise<void> {
    await this.#journal.flush().catch(() => undefined);
  }

  async finish(
    status: RunStatus,
    digest: Digest,
    unsupported: Readonly<Record<string, number>>,
  ): Promise<Digest> {
    const end = { icount: this.#machine.icount, digest, unsupported };
    const events =
      status.kind === 'stopped'
        ? this.#decide({ type: 'StopMachine', reason: status.reason, ...end })
        : this.#decide({ type: 'ExitMachine', status: status satisfies GuestEnd, ...end });
    await this.#journal.write(events);
    await this.#journal.flush();
    return this.#chain();
  }

  #chain(): Digest {
    if (this.#state.status !== 'ended') throw new Error('the machine ended without an end');
    return this.#state.chain;
  }

  #decide(command: MachineCommand): MachineEvent[] {
    const decision = this.#decider.decide(command, this.#state);
    if (!decision.ok)
      throw new RecordingError(
        'invalid-request',
        `${command.type} was refused: ${JSON.stringify(decision.error)}`,
      );
    for (const event of decision.value) this.#state = this.#decider.evolve(this.#state, event);
    return [...decision.value];
  }
}

/** The program counter of the machine's first thread. */
function entryOf(machine: GuestMachine): string {
  const cpu = machine.threads()[0]?.cpu;
  if (cpu === undefined) return hex(0n);
  const { offset } = machine.isa.layout.pc;
  return hex(new DataView(cpu.buffer, cpu.byteOffset, cpu.byteLength).getBigUint64(offset, true));
}

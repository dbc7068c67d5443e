import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import type { GuestEnd, MachineCreatedData, MachineEvent } from '../../domain/virtual-machine/events.ts';
import {
  createMachineDecider,
  isCheckpointDue,
  isDigestDue,
  type MachineCommand,
  type MachineState,
} from '../../domain/virtual-machine/machine.ts';
import { isDigestPoint } from '../../domain/virtual-machine/schedule.ts';
import { hex } from '../../domain/shared/bits.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';
import { CheckpointWriter } from './checkpoint.ts';
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

  constructor(machine: GuestMachine, host: RecordingHost, hash: HashFunction, journal: Journal) {
    this.#machine = machine;
    this.#host = host;
    this.#journal = journal;
    this.#decider = createMachineDecider(hash);
    this.#checkpoints = new CheckpointWriter(hash);
    this.#state = this.#decider.initial;
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

  async sliceEnded(): Promise<void> {
    const { replies, blobs: contents } = this.#host.take();
    const blobs = [...contents];
    const events = replies.flatMap((reply) => this.#decide({ type: 'RecordReply', ...reply }));
    if (this.#machine.status.kind === 'running') {
      events.push(...this.#digest());
      const checkpoint = this.#checkpoint();
      events.push(...checkpoint.events);
      blobs.push(...checkpoint.blobs);
    }
    await this.#journal.write(events, blobs);
  }

  #digest(): MachineEvent[] {
    const { icount } = this.#machine;
    if (this.#state.status !== 'running' || !isDigestPoint(icount, this.#state.setup.digestInterval))
      return [];
    const { sinceDigest: changedPages } = this.#machine.changedPages();
    if (!isDigestDue(this.#state, icount, changedPages)) return [];
    return this.#decide({ type: 'AdvanceExecution', icount, changedPages, digest: this.#machine.digest() });
  }

  #checkpoint(): { readonly events: readonly MachineEvent[]; readonly blobs: readonly Uint8Array[] } {
    const { icount } = this.#machine;
    const none = { events: [], blobs: [] };
    if (this.#state.status !== 'running' || this.#state.advancedTo !== icount) return none;
    const { sinceSnapshot: changedPages } = this.#machine.changedPages();
    if (!isCheckpointDue(this.#state, icount, changedPages)) return none;
    const { snapshot, blobs } = this.#checkpoints.encode(this.#machine.snapshot());
    return { events: this.#decide({ type: 'TakeCheckpoint', icount, changedPages, snapshot }), blobs };
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

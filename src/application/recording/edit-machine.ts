import { widths } from '../../domain/ir/types.ts';
import { hex } from '../../domain/shared/bits.ts';
import { bytesOfHex, type Edit } from '../../domain/virtual-machine/edit.ts';
import type { GuestMachine } from '../ports/guest-machine.ts';
import { RecordingError } from './recording-error.ts';

/** Control registers of which not every bit exists, by name. */
const usedBits: Readonly<Record<string, number>> = { fflags: 5, frm: 3 };

/**
 * Makes the changes of registers and memory in `edits`, in order; the others are for whoever answers the guest. Throws
 * `invalid-request` for what the machine does not have as it stands.
 */
export function editMachine(machine: GuestMachine, edits: readonly Edit[]): void {
  for (const edit of edits) {
    if (edit.kind === 'register') editRegister(machine, edit);
    if (edit.kind === 'memory') editMemory(machine, edit);
  }
}

const invalid = (message: string): RecordingError => new RecordingError('invalid-request', message);

function editRegister(machine: GuestMachine, edit: Extract<Edit, { kind: 'register' }>): void {
  const { layout, alignment } = machine.isa;
  const slot = layout.slots.get(edit.register);
  if (slot === undefined) throw invalid(`there is no register ${edit.register}`);
  const value = BigInt(edit.value);
  const width = usedBits[slot.name] ?? widths[slot.type];
  if (value >= 1n << BigInt(width))
    throw invalid(`${edit.value} does not fit ${slot.name}, which has ${width} bits`);
  if (slot.name === layout.pc.name && value % BigInt(alignment) !== 0n)
    throw invalid(`pc cannot be ${edit.value}: instructions lie at multiples of ${alignment}`);
  requireThread(machine, edit.thread);
  machine.setRegister(edit.thread, slot, value);
}

function editMemory(machine: GuestMachine, edit: Extract<Edit, { kind: 'memory' }>): void {
  requireThread(machine, edit.thread);
  const memory = machine.memoryOf(edit.thread);
  const bytes = bytesOfHex(edit.bytes);
  const address = BigInt(edit.address);
  const fits = address + BigInt(bytes.length) <= BigInt(memory.size);
  const fault = fits ? memory.write(Number(address), bytes, 0) : { address };
  if (fault)
    throw invalid(
      `${bytes.length} bytes at ${edit.address} cannot be changed: nothing is mapped at ${hex(fault.address)} in the address space of thread ${edit.thread}`,
    );
}

function requireThread(machine: GuestMachine, thread: number): void {
  const ids = machine.threads().map(({ id }) => id);
  if (!ids.includes(thread))
    throw invalid(
      `there is no thread ${thread} at instruction ${machine.icount}; there are: ${ids.join(', ')}`,
    );
}

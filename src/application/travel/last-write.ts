import { BlockBuilder } from '../../domain/ir/builder.ts';
import type { IrBlock } from '../../domain/ir/node.ts';
import { valueSources, type ValueSource, type WrittenPlace } from '../../domain/ir/value-flow.ts';
import type { Control } from '../control.ts';
import { register as linuxRegister } from '../linux/registers.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import type { TravelSession } from './travel.ts';

/** What holds a value: a thread's register, by its slot's name, or bytes in a process's memory (default: in any). */
export type OriginPlace =
  | { readonly kind: 'register'; readonly register: string; readonly thread: number }
  | {
      readonly kind: 'memory';
      readonly address: bigint;
      readonly length: number;
      readonly process: number | undefined;
    };

/** The last write of a place before an instant. */
export interface Write {
  readonly by: 'instruction' | 'system' | 'beginning';
  /** The value that it left. */
  readonly value: bigint;
  /** Undefined where nothing wrote the place. */
  readonly icount: number | undefined;
  readonly event: GuestEvent | undefined;
  /** The system call or signal in whose course the system wrote. */
  readonly call: string | undefined;
  /** What an instruction computed it from. */
  readonly sources: readonly ValueSource[];
  /** Parts of the place that it did not write. */
  readonly left: readonly OriginPlace[];
}

/** Where system calls return their result; the kernel writes it without an instruction. */
const resultRegister = `x${linuxRegister.a0}`;

/** Finds the last write of a place before an instant; undefined where `signal` aborted first. Moves the cursor. */
export async function lastWrite(
  session: TravelSession,
  place: OriginPlace,
  before: number,
  control: Control,
): Promise<Write | undefined> {
  await session.seek(before, control.signal);
  const now = valueOf(session, place);
  const event = await session.previous(searchOf(place), control);
  if (control.signal?.aborted === true) return undefined;
  if (place.kind === 'register') {
    const since = event === undefined ? 0 : event.icount + 1;
    const system = await systemWrite(session, place, { since, before, now }, control);
    if (system !== undefined) return { ...beginning(now), ...system, by: 'system' };
  }
  if (event?.kind !== 'watchpoint') return beginning(now);
  const { icount } = event;
  const left = place.kind === 'memory' ? partsLeft(place, event) : [];
  await session.seek(icount, control.signal);
  const sources = event.by === 'instruction' ? sourcesHere(session, event, place) : [];
  const call = event.by === 'system' ? await callHere(session, event, control) : undefined;
  await session.seek(Math.min(icount + 1, session.last), control.signal);
  return { by: event.by, value: valueOf(session, place), icount, event, call, sources, left };
}

const beginning = (value: bigint): Write => ({
  by: 'beginning',
  value,
  icount: undefined,
  event: undefined,
  call: undefined,
  sources: [],
  left: [],
});

const searchOf = (place: OriginPlace) =>
  place.kind === 'register'
    ? { registers: [{ access: 'write', register: place.register } as const], thread: place.thread }
    : {
        memory: [{ access: 'write', address: place.address, length: place.length } as const],
        process: place.process,
      };

/** A place's value, little-endian; 0 where it cannot be read. */
function valueOf(session: TravelSession, place: OriginPlace): bigint {
  if (place.kind === 'register') return session.registers(place.thread)?.get(place.register) ?? 0n;
  const { address, length, process } = place;
  const thread = session.threads().find((candidate) => candidate.process === process)?.id;
  return numberOf(session.memory(address, length, thread) ?? new Uint8Array());
}

const numberOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** Whether the system wrote a register after the last instruction that did: its value changed, or a call has returned its result. */
async function systemWrite(
  session: TravelSession,
  { register, thread }: OriginPlace & { readonly kind: 'register' },
  { since, before, now }: { readonly since: number; readonly before: number; readonly now: bigint },
  control: Control,
): Promise<Pick<Write, 'icount' | 'event' | 'call'> | undefined> {
  if (since >= before) return undefined;
  await session.seek(since, control.signal);
  const changed = session.registers(thread)?.get(register) !== now;
  if (!changed && register !== resultRegister) return undefined;
  await session.seek(before, control.signal);
  const events = changed ? (['system-call', 'signal'] as const) : (['system-call'] as const);
  const event = await session.previous({ events, thread, limit: before - since }, control);
  if (event === undefined) return undefined;
  return { icount: event.icount, event, call: callOf(event) };
}

const callOf = (event: GuestEvent): string | undefined =>
  event.kind === 'system-call' ? event.call : event.kind === 'signal' ? event.name : undefined;

/** What the system was doing when it wrote, right before which the cursor stands. */
async function callHere(
  session: TravelSession,
  { thread }: GuestEvent,
  control: Control,
): Promise<string | undefined> {
  const event = await session.next({ events: ['system-call', 'signal'], thread, limit: 1 }, control);
  return event && callOf(event);
}

/** What the instruction that is about to execute computes the place's value from. */
function sourcesHere(
  session: TravelSession,
  { pc, thread }: GuestEvent,
  place: OriginPlace,
): readonly ValueSource[] {
  const { layout } = session.isa;
  const block = blockAt(session, pc, thread);
  const registers = session.registers(thread);
  if (block === undefined || registers === undefined) return [];
  const written: WrittenPlace =
    place.kind === 'register'
      ? { slot: layout.slots.get(place.register)! }
      : { address: place.address, length: place.length };
  const state = {
    readSlot: ({ name }: { readonly name: string }) => registers.get(name) ?? 0n,
    load: (address: bigint, length: number) => {
      const bytes = session.memory(address, length, thread);
      return bytes ? numberOf(bytes) : ({ access: 'load', kind: 'unmapped', address } as const);
    },
    counter: () => 0n,
  };
  return valueSources(block, pc, state, written);
}

function blockAt(session: TravelSession, pc: bigint, thread: number): IrBlock | undefined {
  const { isa } = session;
  for (let length = isa.maxLength; length > 0; length -= isa.alignment) {
    const bytes = session.memory(pc, length, thread);
    const decoded = bytes && isa.decode(bytes);
    if (typeof decoded !== 'object') continue;
    const builder = new BlockBuilder(isa.layout);
    builder.instruction(decoded.length);
    decoded.lift(builder);
    return builder.finish();
  }
  return undefined;
}

/** The bytes of a range before and after what an event wrote of it. */
function partsLeft(
  place: OriginPlace & { readonly kind: 'memory' },
  event: GuestEvent & { readonly kind: 'watchpoint' },
): readonly OriginPlace[] {
  let parts = [{ from: place.address, to: place.address + BigInt(place.length) }];
  for (const made of event.accesses) {
    if ('register' in made) continue;
    const [from, to] = [BigInt(made.address), BigInt(made.address + made.length)];
    parts = parts
      .flatMap((part) => [
        { from: part.from, to: part.to < from ? part.to : from },
        { from: part.from > to ? part.from : to, to: part.to },
      ])
      .filter((part) => part.from < part.to);
  }
  return parts.map(({ from, to }) => ({ ...place, address: from, length: Number(to - from) }));
}

import { BlockBuilder } from '../../domain/ir/builder.ts';
import type { IrBlock } from '../../domain/ir/node.ts';
import { valueSources, type ValueSource, type WrittenPlace } from '../../domain/ir/value-flow.ts';
import type { Control } from '../control.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import { lastEdit } from './fork-edits.ts';
import type { OriginPlace } from './origin-place.ts';
import type { TravelSession } from './travel.ts';

/** The last write of a place before an instant. */
export interface Write {
  readonly by: 'instruction' | 'system' | 'fork' | 'beginning';
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
  const edited = lastEdit(session, place, {
    from: event === undefined ? 0 : event.icount + 1,
    until: before,
  });
  if (edited !== undefined) {
    await session.seek(edited, control.signal);
    return { ...beginning(valueOf(session, place)), by: 'fork', icount: edited };
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

const callOf = (event: GuestEvent): string | undefined =>
  event.kind === 'system-call' ? event.call : event.kind === 'signal' ? event.name : undefined;

/**
 * What the system was doing when it wrote, at the event's instant: a call or a signal there, or the call that the thread waited in.
 * Moves the cursor.
 */
export async function callHere(
  session: TravelSession,
  { icount, thread }: Pick<GuestEvent, 'icount' | 'thread'>,
  control: Control,
): Promise<string | undefined> {
  await session.seek(icount, control.signal);
  const here = await session.next({ events: ['system-call', 'signal'], thread, limit: 1 }, control);
  if (here !== undefined) return callOf(here);
  const waiting = await session.previous({ events: ['system-call'], thread, before: icount }, control);
  return waiting && callOf(waiting);
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

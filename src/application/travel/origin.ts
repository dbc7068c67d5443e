import type { Control } from '../control.ts';
import type { GuestEvent } from '../ports/guest-event.ts';
import { lastWrite, type Write } from './last-write.ts';
import type { OriginPlace } from './origin-place.ts';
import type { TravelSession } from './travel.ts';

/** A place at an instant, and the step that put its value there, where that was followed. */
export interface OriginSource {
  readonly place: OriginPlace;
  readonly before: number;
  readonly step: number | undefined;
}

/** A write that a value came through. */
export interface OriginStep {
  readonly place: OriginPlace;
  /** What was written there: little-endian, as long as the place. */
  readonly value: bigint;
  /** Undefined where nothing wrote it: the program began with it, or its process or thread did. */
  readonly icount: number | undefined;
  readonly thread: number | undefined;
  readonly pc: bigint | undefined;
  /** What the value is: computed from `sources`, a constant of the instruction, what the time was, from the system, or what a fork changed. */
  readonly by: 'computed' | 'constant' | 'counter' | 'system' | 'fork' | 'beginning';
  /** The system call or the signal, where the system wrote it in the course of one. */
  readonly call: string | undefined;
  readonly sources: readonly OriginSource[];
}

export interface Origin {
  /** The write of the place itself first, then those that it came from, the latest first. */
  readonly steps: readonly OriginStep[];
  /** Whether everything was followed to an input, a constant or the beginning. */
  readonly complete: boolean;
}

export interface OriginOptions extends Control {
  /** Steps at most. */
  readonly limit: number;
}

interface Wanted {
  readonly place: OriginPlace;
  readonly before: number;
}

/**
 * Follows a value back from an instant, through registers and memory, to the inputs and constants that it was made of. Addresses and
 * conditions are not followed. Moves the session's cursor.
 */
export async function traceOrigin(
  session: TravelSession,
  start: Wanted,
  { limit, ...control }: OriginOptions,
): Promise<Origin> {
  const steps: (Omit<OriginStep, 'sources'> & { readonly wanted: readonly Wanted[] })[] = [];
  /** The steps of what was looked for, and of writes that were found. */
  const byWanted = new Map<string, number>();
  const byWrite = new Map<string, number>();
  const pending: Wanted[] = [start];
  while (pending.length > 0 && steps.length < limit && control.signal?.aborted !== true) {
    pending.sort((a, b) => a.before - b.before);
    const next = pending.pop()!;
    if (byWanted.has(keyOf(next))) continue;
    const write = await lastWrite(session, next.place, next.before, control);
    if (write === undefined) break;
    const known = byWrite.get(keyOf({ place: next.place, before: write.icount ?? -1 }));
    byWanted.set(keyOf(next), known ?? steps.length);
    if (known !== undefined) continue;
    byWrite.set(keyOf({ place: next.place, before: write.icount ?? -1 }), steps.length);
    const wanted = sourcesOf(write);
    steps.push({ ...stepOf(next.place, write), wanted });
    pending.push(...wanted);
  }
  const order = [...steps.keys()].sort((a, b) => (steps[b]!.icount ?? -1) - (steps[a]!.icount ?? -1));
  const numberOf = new Map(order.map((found, number) => [found, number]));
  return {
    steps: order.map((found) => {
      const { wanted, ...step } = steps[found]!;
      const sources = wanted.map((source) => {
        const known = byWanted.get(keyOf(source));
        return { ...source, step: known === undefined ? undefined : numberOf.get(known) };
      });
      return { ...step, sources };
    }),
    complete: pending.every((left) => byWanted.has(keyOf(left))),
  };
}

function stepOf(place: OriginPlace, write: Write): Omit<OriginStep, 'sources'> {
  const { value, icount, event, call } = write;
  return { place, value, icount, thread: event?.thread, pc: event?.pc, by: kindOf(write), call };
}

function kindOf({ by, sources }: Write): OriginStep['by'] {
  if (by !== 'instruction') return by;
  if (sources.some(({ kind }) => kind === 'register' || kind === 'memory')) return 'computed';
  return sources.some(({ kind }) => kind === 'counter') ? 'counter' : 'constant';
}

/** What a write took, as it was before it; and what it left of the place. */
function sourcesOf({ icount, event, sources, left }: Write): readonly Wanted[] {
  if (icount === undefined || event === undefined) return [];
  const taken = sources.flatMap((source) => placesOf(source, event));
  return [...taken, ...left].map((place) => ({ place, before: icount }));
}

function placesOf(source: Write['sources'][number], { thread, process }: GuestEvent): readonly OriginPlace[] {
  if (source.kind === 'register') return [{ kind: 'register', register: source.slot.name, thread }];
  if (source.kind !== 'memory') return [];
  const { address, length } = source;
  return [{ kind: 'memory', address, length, process }];
}

const keyOf = ({ place, before }: Wanted): string =>
  place.kind === 'register'
    ? `${before} ${place.thread} ${place.register}`
    : `${before} ${place.process ?? ''} ${place.address}:${place.length}`;

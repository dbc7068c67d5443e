import { bytesOfHex, type Edit } from '../../domain/virtual-machine/edit.ts';
import type { OriginPlace } from './origin-place.ts';
import type { TravelSession } from './travel.ts';

/** Instants from one on, up to and with another. */
interface Instants {
  readonly from: number;
  readonly until: number;
}

/** The instants at which a fork changed a place, in order. */
export const editsOf = (
  session: TravelSession,
  place: OriginPlace,
  { from, until }: Instants,
): readonly number[] =>
  session.edits
    .filter(({ icount }) => icount >= from && icount <= until)
    .filter(({ edits }) => edits.some((edit) => changes(edit, place, session)))
    .map(({ icount }) => icount);

/** The last of them. */
export const lastEdit = (
  session: TravelSession,
  place: OriginPlace,
  instants: Instants,
): number | undefined => editsOf(session, place, instants).at(-1);

function changes(edit: Edit, place: OriginPlace, session: TravelSession): boolean {
  if (edit.kind === 'register')
    return place.kind === 'register' && edit.register === place.register && edit.thread === place.thread;
  if (edit.kind !== 'memory' || place.kind !== 'memory') return false;
  const process = session.threads().find(({ id }) => id === edit.thread)?.process;
  if (![process, undefined].includes(place.process)) return false;
  const address = BigInt(edit.address);
  const end = address + BigInt(bytesOfHex(edit.bytes).length);
  return address < place.address + BigInt(place.length) && place.address < end;
}

import { bytesOfHex } from '../../domain/virtual-machine/edit.ts';
import type { OriginPlace } from './origin-place.ts';
import type { TravelSession } from './travel.ts';

/** The last instant in `[from, until]` at which a fork changed a place. */
export function lastEdit(
  session: TravelSession,
  place: OriginPlace,
  { from, until }: { readonly from: number; readonly until: number },
): number | undefined {
  return session.edits.findLast(
    ({ icount, edits: made }) =>
      icount >= from &&
      icount <= until &&
      made.some((edit) => {
        if (edit.kind === 'register')
          return (
            place.kind === 'register' && edit.register === place.register && edit.thread === place.thread
          );
        if (edit.kind !== 'memory' || place.kind !== 'memory') return false;
        const process = session.threads().find(({ id }) => id === edit.thread)?.process;
        if (![process, undefined].includes(place.process)) return false;
        const address = BigInt(edit.address);
        const end = address + BigInt(bytesOfHex(edit.bytes).length);
        return address < place.address + BigInt(place.length) && place.address < end;
      }),
  )?.icount;
}

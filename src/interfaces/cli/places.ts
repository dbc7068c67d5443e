import type { GuestEvent } from '../../application/ports/guest-event.ts';
import type { OriginPlace } from '../../application/travel/origin-place.ts';
import type { Search, TravelSession } from '../../application/travel/travel.ts';
import { slotNamed } from '../register-names.ts';
import { type AddressRange, parseRange } from './option-values.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What holds a value: a register, by its slot's name, or bytes of memory. */
export type ValuePlace = { readonly register: string } | AddressRange;

/** How a place is written, for the manual. */
export const placeOperand = {
  name: 'WHAT',
  summary: 'a register’s name, an address (8 bytes from there), ADDR:LEN, or a symbol of the program',
  required: true,
} as const;

const shownBytes = 64;

/** The place that a word names. Throws UsageError. */
export async function placeOf(word: string, session: TravelSession): Promise<ValuePlace> {
  const register = slotNamed(word, session.isa.layout.slots);
  if (register !== undefined) return { register };
  if (/^\d/.test(word)) {
    const range = parseRange(word);
    return word.includes(':') ? range : { ...range, length: 8 };
  }
  const [, name = word, length] = /^([^:]*):(.*)$/.exec(word) ?? [];
  const symbol = (await session.symbols()).locate(name);
  if (symbol === undefined)
    throw new UsageError(
      `${word} is no register, no address and no symbol of the program`,
      'give a register such as a0, ADDR[:LEN], or the name of a function or variable',
    );
  const address = `0x${symbol.address.toString(16)}`;
  return parseRange(length === undefined ? `${address}:${symbol.size || 8}` : `${address}:${length}`);
}

/** Whose register or memory is meant. */
export interface Whose {
  readonly thread: number;
  readonly process: number | undefined;
}

/** A place of a thread or a process. */
export const placeIn = (place: ValuePlace, { thread, process }: Whose): OriginPlace =>
  'register' in place ? { kind: 'register', ...place, thread } : { kind: 'memory', ...place, process };

/** Looks for accesses to a place. */
export function searchFor(place: ValuePlace, access: 'read' | 'write', { thread, process }: Whose): Search {
  return 'register' in place
    ? { registers: [{ access, register: place.register }], thread }
    : { memory: [{ access, ...place }], process };
}

/** A register's value; or memory's: a number where it is one, else the bytes as they lie. */
export function valueAt(
  session: TravelSession,
  { thread }: Pick<GuestEvent, 'thread'>,
  place: ValuePlace,
): string {
  if ('register' in place) return `0x${(session.registers(thread)?.get(place.register) ?? 0n).toString(16)}`;
  const { address, length } = place;
  const bytes = session.memory(address, Math.min(length, shownBytes), thread);
  if (bytes === undefined) return 'unmapped';
  if ([1, 2, 4, 8].includes(length))
    return `0x${Buffer.from(bytes)
      .reverse()
      .toString('hex')
      .replace(/^0+(?=.)/, '')}`;
  return `${Buffer.from(bytes).toString('hex')}${length > shownBytes ? '…' : ''}`;
}

/** The instruction at an address as the cursor sees it, and the symbol that it belongs to. */
export async function codeHere(
  session: TravelSession,
  { pc, thread }: Pick<GuestEvent, 'pc' | 'thread'>,
): Promise<{ readonly symbol: string | undefined; readonly text: string }> {
  const { isa } = session;
  const symbol = (await session.symbols()).describe(pc);
  for (let length = isa.maxLength; length > 0; length -= isa.alignment) {
    const bytes = session.memory(pc, length, thread);
    const decoded = bytes && isa.decode(bytes);
    if (typeof decoded === 'object') return { symbol, text: isa.disassemble(decoded, pc) };
  }
  return { symbol, text: '' };
}

/** Says what of the recording's index could not be used, if anything. */
export function reportIndexDamage({ effects, recording }: TravelSession, terminal: Terminal): void {
  for (const line of effects.damage)
    terminal.write(
      'stderr',
      `isochron: damaged index: ${line}; replaying instead; \`isochron index ${recording}\` makes it again\n`,
    );
}

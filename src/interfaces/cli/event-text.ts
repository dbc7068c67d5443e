import type { Instant } from '../../application/isochron.ts';
import type { GuestEvent } from '../../application/ports/guest-event.ts';
import type { WatchedAccess } from '../../application/ports/stops.ts';
import { instantAddress } from '../../application/travel/instant.ts';
import { registerName } from '../register-names.ts';

/** Events of a guest, for people and for scripts. */

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export const accessText = (made: WatchedAccess): string =>
  'register' in made
    ? `${made.access} of ${registerName(made.register)}`
    : `${made.access} of ${made.length} bytes at ${hex(made.address)}`;

/** What happened, in a few words. */
export function eventText(event: GuestEvent): string {
  switch (event.kind) {
    case 'breakpoint':
      return 'about to execute';
    case 'watchpoint':
      return `${event.accesses.map(accessText).join(', ')}${event.by === 'system' ? ' by the system' : ''}`;
    case 'system-call':
      return `system call ${event.call}`;
    case 'signal':
      return `signal ${event.name}`;
    case 'thread-switch':
      return `turn goes to thread ${event.to}`;
  }
}

/** The instruction that an event belongs to, as a disassembler shows it. */
export const codeAt = (instant: Instant, { pc }: GuestEvent) => {
  const [line] = instant.disassemble({ address: pc, count: 1 });
  return { symbol: line?.symbol, text: line?.text ?? '' };
};

/** One line of columns. */
export function eventRow(event: GuestEvent, instant: Instant): readonly string[] {
  const { symbol, text } = codeAt(instant, event);
  return [
    instantAddress(instant.recording, event.icount),
    `thread ${event.thread}`,
    hex(event.pc),
    symbol ?? '',
    text,
    eventText(event),
  ];
}

export const eventJson = (event: GuestEvent, instant: Instant) =>
  eventFields(instant.recording, event, codeAt(instant, event));

/** An event with its address and its instruction. */
export const eventFields = (
  recording: string,
  event: GuestEvent,
  { symbol, text }: { readonly symbol: string | undefined; readonly text: string },
) => ({ instant: instantAddress(recording, event.icount), ...event, symbol, instruction: text });

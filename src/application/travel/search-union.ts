import type { GuestEvent } from '../ports/guest-event.ts';
import type { WatchedAccess } from '../ports/stops.ts';
import type { Search, WatchedRange } from './travel.ts';

/**
 * Looks for what either search looks for; `found` is told which of them an event counts for, the second where it is of both. What is
 * before or beyond a limit is the caller's business.
 */
export function anyOf(first: Search, second: Search, found: (by: Search) => void): Search {
  return {
    breakpoints: [...(first.breakpoints ?? []), ...(second.breakpoints ?? [])],
    memory: [...(first.memory ?? []), ...(second.memory ?? [])],
    registers: [...(first.registers ?? []), ...(second.registers ?? [])],
    events: [...(first.events ?? []), ...(second.events ?? [])],
    where: (event, moment) => {
      const by = [second, first].find(
        (search) => isFor(search, event) && (search.where === undefined || search.where(event, moment)),
      );
      if (by !== undefined) found(by);
      return by !== undefined;
    },
  };
}

/** Whether an event is one that a search asks for, but for its condition. */
function isFor(search: Search, event: GuestEvent): boolean {
  const { thread, process, breakpoints = [], events = [] } = search;
  if (thread !== undefined && event.thread !== thread) return false;
  if (process !== undefined && event.process !== process) return false;
  if (event.kind === 'breakpoint') return breakpoints.includes(event.pc);
  if (event.kind === 'watchpoint') return event.accesses.some((access) => isWatched(search, access));
  return events.includes(event.kind);
}

function isWatched({ memory = [], registers = [] }: Search, made: WatchedAccess): boolean {
  const wanted = ({ access }: { readonly access: WatchedRange['access'] }): boolean =>
    access === 'any' || access === made.access;
  if ('register' in made) return registers.some((watch) => wanted(watch) && watch.register === made.register);
  return memory.some(
    (watch) =>
      wanted(watch) &&
      made.address < Number(watch.address) + watch.length &&
      Number(watch.address) < made.address + made.length,
  );
}

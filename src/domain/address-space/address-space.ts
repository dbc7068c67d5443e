import type { Decider } from '../shared/decider.ts';
import { ok, refuse, type Result } from '../shared/result.ts';
import type { AddressSpaceEvent } from './events.ts';
import { covers, highestGap, type Region, replaceRange, within } from './region.ts';

export const page = 4096;
const roundUp = (value: number): number => Math.ceil(value / page) * page;

/** Where a mapping shall lie. `fixed` replaces what is there; `free` must find nothing there; a hint is a wish. */
export type Placement =
  { readonly kind: 'fixed' | 'free' | 'hint'; readonly address: number } | { readonly kind: 'anywhere' };

export type AddressSpaceCommand =
  | {
      readonly type: 'CreateAddressSpace';
      readonly size: number;
      readonly floor: number;
      readonly ceiling: number;
      readonly heap: number;
    }
  | ({ readonly type: 'MapRegion'; readonly at: Placement; readonly length: number } & Pick<
      Region,
      'permissions' | 'name' | 'offset' | 'shared'
    >)
  | { readonly type: 'UnmapRegion'; readonly address: number; readonly length: number }
  | {
      readonly type: 'ProtectRegion';
      readonly address: number;
      readonly length: number;
      readonly permissions: number;
    }
  | {
      readonly type: 'ResizeRegion';
      readonly address: number;
      readonly oldLength: number;
      readonly newLength: number;
      /** Where it may go when it cannot grow in place. */
      readonly move: Placement | undefined;
    }
  | { readonly type: 'DiscardRegion'; readonly address: number; readonly length: number }
  | { readonly type: 'MoveBreak'; readonly to: number };

/** Why a command was refused, in terms that map to errnos. */
export type AddressSpaceRefusal =
  | 'not-created'
  | 'already-created'
  /** Misaligned, empty or impossible numbers (EINVAL). */
  | 'invalid-range'
  /** No room, or part of the range is not mapped (ENOMEM). */
  | 'no-memory'
  /** Something is mapped there already (EEXIST). */
  | 'occupied'
  /** The old range is not one mapped region (EFAULT). */
  | 'not-mapped';

export type AddressSpaceState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'present';
      readonly size: number;
      readonly floor: number;
      readonly ceiling: number;
      readonly heap: number;
      readonly break: number;
      readonly regions: readonly Region[];
    };

type Present = Extract<AddressSpaceState, { status: 'present' }>;
type Decision = Result<readonly AddressSpaceEvent[], AddressSpaceRefusal>;

const aligned = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value % page === 0;

/** The address for a new mapping, or why there is none. */
function place(
  state: Present,
  at: Placement,
  length: number,
): { address: number } | { error: AddressSpaceRefusal } {
  const fits = (address: number) => address >= state.floor && address + length <= state.size;
  if (at.kind === 'fixed' || at.kind === 'free') {
    if (!aligned(at.address)) return { error: 'invalid-range' };
    if (!fits(at.address)) return { error: 'no-memory' };
    if (at.kind === 'free' && within(state.regions, at.address, at.address + length).length > 0)
      return { error: 'occupied' };
    return { address: at.address };
  }
  if (at.kind === 'hint') {
    const address = Math.floor(at.address / page) * page;
    if (fits(address) && within(state.regions, address, address + length).length === 0) return { address };
  }
  const address = highestGap(state.regions, length, state.floor, state.ceiling);
  return address === undefined ? { error: 'no-memory' } : { address };
}

const event = <E extends AddressSpaceEvent>(type: E['type'], data: E['data']): AddressSpaceEvent =>
  ({ type, version: 1, data }) as AddressSpaceEvent;

function decideMap(state: Present, command: Extract<AddressSpaceCommand, { type: 'MapRegion' }>): Decision {
  const length = roundUp(command.length);
  if (!(command.length > 0)) return refuse('invalid-range');
  if (length > state.size) return refuse('no-memory');
  const placed = place(state, command.at, length);
  if ('error' in placed) return refuse(placed.error);
  const { permissions, name, offset, shared } = command;
  const region: Region = {
    start: placed.address,
    end: placed.address + length,
    permissions,
    name,
    offset,
    ...(shared === undefined ? {} : { shared }),
  };
  return ok([event('RegionMapped', region)]);
}

function decideResize(
  state: Present,
  { address, oldLength, newLength, move }: Extract<AddressSpaceCommand, { type: 'ResizeRegion' }>,
): Decision {
  const oldEnd = address + roundUp(oldLength);
  const length = roundUp(newLength);
  if (!aligned(address) || !(newLength > 0) || !(oldLength > 0)) return refuse('invalid-range');
  if (length > state.size) return refuse('no-memory');
  const parts = within(state.regions, address, oldEnd);
  const part = parts[0];
  if (!part || parts.length !== 1 || part.start !== address || part.end !== oldEnd)
    return refuse('not-mapped');
  const end = address + length;
  const fixed = move !== undefined && (move.kind === 'fixed' || move.kind === 'free');
  if (!fixed) {
    if (end === oldEnd) return ok([]);
    if (end < oldEnd) return ok([event('RegionUnmapped', { start: end, end: oldEnd })]);
    if (end <= state.size && within(state.regions, oldEnd, end).length === 0)
      return ok([event('RegionMapped', grown(part, oldEnd, end))]);
    if (!move) return refuse('no-memory');
  }
  const placed = place(state, move, length);
  if ('error' in placed) return refuse(placed.error);
  const to = placed.address;
  if (to < oldEnd && to + length > address) return refuse('invalid-range');
  const moved = Math.min(oldEnd, end);
  const events = [event('RegionMoved', { start: address, end: moved, to })];
  if (moved < oldEnd) events.push(event('RegionUnmapped', { start: moved, end: oldEnd }));
  if (end > oldEnd)
    events.push(
      event('RegionMapped', {
        ...grown(part, oldEnd, end),
        start: to + (oldEnd - address),
        end: to + length,
      }),
    );
  return ok(events);
}

const grown = (part: Region, start: number, end: number): Region => ({
  ...part,
  start,
  end,
  offset:
    part.name.startsWith('/') || part.shared !== undefined ? part.offset + (start - part.start) : part.offset,
});

function decideBreak(state: Present, to: number): Decision {
  if (!(to >= state.heap)) return refuse('invalid-range');
  const from = roundUp(state.break);
  const end = roundUp(to);
  const events: AddressSpaceEvent[] = [];
  if (end > from) {
    if (end > state.size || within(state.regions, from, end).length > 0) return refuse('no-memory');
    events.push(event('RegionMapped', { start: from, end, permissions: 3, name: '[heap]', offset: 0 }));
  } else if (end < from) events.push(event('RegionUnmapped', { start: end, end: from }));
  return ok([...events, event('BreakMoved', { to })]);
}

function decidePresent(command: AddressSpaceCommand, state: Present): Decision {
  switch (command.type) {
    case 'CreateAddressSpace':
      return refuse('already-created');
    case 'MapRegion':
      return decideMap(state, command);
    case 'ResizeRegion':
      return decideResize(state, command);
    case 'MoveBreak':
      return decideBreak(state, command.to);
    case 'UnmapRegion':
    case 'ProtectRegion':
    case 'DiscardRegion': {
      const { address: start } = command;
      const end = start + roundUp(command.length);
      if (
        !aligned(start) ||
        !(command.length >= 0) ||
        (command.length === 0 && command.type === 'UnmapRegion')
      )
        return refuse('invalid-range');
      if (command.length === 0) return ok([]);
      if (command.type === 'UnmapRegion') {
        if (end > state.size) return refuse('invalid-range');
        return ok(within(state.regions, start, end).length ? [event('RegionUnmapped', { start, end })] : []);
      }
      if (!covers(state.regions, start, end)) return refuse('no-memory');
      return command.type === 'ProtectRegion'
        ? ok([event('RegionProtected', { start, end, permissions: command.permissions })])
        : ok([event('RegionDiscarded', { start, end })]);
    }
  }
}

/** One guest address space: which pages are mapped, with what permissions, and where the heap ends. */
export const addressSpace: Decider<
  AddressSpaceCommand,
  AddressSpaceState,
  AddressSpaceEvent,
  AddressSpaceRefusal
> = {
  initial: { status: 'absent' },

  decide(command, state) {
    if (state.status === 'present') return decidePresent(command, state);
    if (command.type !== 'CreateAddressSpace') return refuse('not-created');
    const { size, floor, ceiling, heap } = command;
    if (![size, floor, ceiling, heap].every(aligned) || floor > ceiling || ceiling > size || heap > size)
      return refuse('invalid-range');
    return ok([event('AddressSpaceCreated', { size, floor, ceiling, heap })]);
  },

  evolve(state, { type, data }) {
    if (type === 'AddressSpaceCreated') return { status: 'present', ...data, break: data.heap, regions: [] };
    if (state.status === 'absent') return state;
    const { regions } = state;
    const having = (changed: readonly Region[]): AddressSpaceState => ({ ...state, regions: changed });
    switch (type) {
      case 'RegionMapped':
        return having(replaceRange(regions, data.start, data.end, [data]));
      case 'RegionUnmapped':
        return having(replaceRange(regions, data.start, data.end, []));
      case 'RegionProtected': {
        const changed = within(regions, data.start, data.end).map((region) => ({
          ...region,
          permissions: data.permissions,
        }));
        return having(
          changed.reduce((all, region) => replaceRange(all, region.start, region.end, [region]), regions),
        );
      }
      case 'RegionMoved': {
        const distance = data.to - data.start;
        const moved = within(regions, data.start, data.end).map((region) => ({
          ...region,
          start: region.start + distance,
          end: region.end + distance,
        }));
        const without = replaceRange(regions, data.start, data.end, []);
        return having(replaceRange(without, data.to, data.end + distance, moved));
      }
      case 'RegionDiscarded':
        return state;
      case 'BreakMoved':
        return { ...state, break: data.to };
    }
  },
};

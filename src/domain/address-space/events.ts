import type { DomainEvent } from '../shared/event.ts';
import type { Region } from './region.ts';

/** What happens to an address space. Addresses and lengths are bytes, multiples of a page. */
export type AddressSpaceEvent =
  /** The address space exists: mappings lie in [floor, size), new ones are placed below `ceiling`, the heap starts at `heap`. */
  | DomainEvent<
      'AddressSpaceCreated',
      1,
      { readonly size: number; readonly floor: number; readonly ceiling: number; readonly heap: number }
    >
  /** Pages were mapped, filled with zeros, in place of whatever lay there. */
  | DomainEvent<'RegionMapped', 1, Region>
  /** Pages were unmapped. */
  | DomainEvent<'RegionUnmapped', 1, { readonly start: number; readonly end: number }>
  /** The permissions of mapped pages changed. */
  | DomainEvent<
      'RegionProtected',
      1,
      { readonly start: number; readonly end: number; readonly permissions: number }
    >
  /** Pages went to another place with their contents; what lay there is gone, and so is the old place. */
  | DomainEvent<'RegionMoved', 1, { readonly start: number; readonly end: number; readonly to: number }>
  /** The contents of pages became zero; they stay mapped. */
  | DomainEvent<'RegionDiscarded', 1, { readonly start: number; readonly end: number }>
  /** The end of the heap moved. */
  | DomainEvent<'BreakMoved', 1, { readonly to: number }>;

export type AddressSpaceEventOf<Type extends AddressSpaceEvent['type']> = Extract<
  AddressSpaceEvent,
  { readonly type: Type }
>;

import {
  addressSpace,
  type AddressSpaceCommand,
  type AddressSpaceRefusal,
} from '../../../domain/address-space/address-space.ts';
import type { AddressSpaceEvent } from '../../../domain/address-space/events.ts';
import { type Region, within } from '../../../domain/address-space/region.ts';
import { errno } from '../errno.ts';
import { isZeroPage } from '../../pages/page-contents.ts';
import { type GuestMemory, pageSize } from '../../ports/guest-memory.ts';
import type { Space } from '../kernel-state.ts';

/** Address spaces decide; what they decide is done to the engine's memory here. */

const errnos: Readonly<Record<AddressSpaceRefusal, number>> = {
  'not-created': errno.EINVAL,
  'already-created': errno.EINVAL,
  'invalid-range': errno.EINVAL,
  'no-memory': errno.ENOMEM,
  occupied: errno.EEXIST,
  'not-mapped': errno.EFAULT,
};

export const regionsOf = (space: Space): readonly Region[] =>
  space.layout.status === 'present' ? space.layout.regions : [];

function movePages(
  memory: GuestMemory,
  start: number,
  end: number,
  to: number,
  parts: readonly Region[],
): void {
  const kept: [number, Uint8Array][] = [];
  for (let at = start; at < end; at += pageSize) {
    const page = memory.page(at / pageSize);
    if (!isZeroPage(page)) kept.push([(to + (at - start)) / pageSize, page.slice()]);
  }
  memory.unmap(start, end - start);
  for (const part of parts) memory.map(part.start - start + to, part.end - part.start, part.permissions);
  for (const [number, bytes] of kept) memory.setPages(number, bytes);
}

function discard(memory: GuestMemory, regions: readonly Region[], start: number, end: number): void {
  for (const part of within(regions, start, end))
    memory.map(part.start, part.end - part.start, part.permissions);
}

function apply(space: Space, memory: GuestMemory, event: AddressSpaceEvent): void {
  const before = regionsOf(space);
  space.layout = addressSpace.evolve(space.layout, event);
  const { type, data } = event;
  switch (type) {
    case 'RegionMapped':
      memory.map(data.start, data.end - data.start, data.permissions);
      break;
    case 'RegionUnmapped':
      for (const part of within(before, data.start, data.end))
        memory.unmap(part.start, part.end - part.start);
      break;
    case 'RegionProtected':
      memory.protect(data.start, data.end - data.start, data.permissions);
      break;
    case 'RegionMoved':
      movePages(memory, data.start, data.end, data.to, within(before, data.start, data.end));
      break;
    case 'RegionDiscarded':
      discard(memory, before, data.start, data.end);
      break;
    case 'AddressSpaceCreated':
    case 'BreakMoved':
      break;
  }
}

/** Carries a command out; gives the events, or a negative errno. */
export function command(
  space: Space,
  memory: GuestMemory,
  what: AddressSpaceCommand,
): readonly AddressSpaceEvent[] | number {
  const decided = addressSpace.decide(what, space.layout);
  if (!decided.ok) return errnos[decided.error];
  for (const event of decided.value) apply(space, memory, event);
  return decided.value;
}

/** Makes a memory that is mapped as `before` says mapped as `after` says; what was mapped and stays keeps its contents. */
export function replaceRegions(
  memory: GuestMemory,
  before: readonly Region[],
  after: readonly Region[],
): void {
  const edges = new Set([...before, ...after].flatMap(({ start, end }) => [start, end]));
  const sorted = [...edges].sort((a, b) => a - b);
  sorted.slice(0, -1).forEach((start, index) => {
    const length = sorted[index + 1]! - start;
    const covering = ({ start: from, end }: Region): boolean => from <= start && start < end;
    const [old, wanted] = [before.find(covering), after.find(covering)];
    if (wanted === undefined) {
      if (old !== undefined) memory.unmap(start, length);
    } else if (old === undefined) memory.map(start, length, wanted.permissions);
    else if (old.permissions !== wanted.permissions) memory.protect(start, length, wanted.permissions);
  });
}

/** Fills mapped pages, whatever their permissions. */
export function fill(memory: GuestMemory, address: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const at = address + done;
    const number = Math.floor(at / pageSize);
    const whole = at % pageSize === 0 ? Math.floor((bytes.length - done) / pageSize) * pageSize : 0;
    const part = bytes.subarray(done, done + (whole || pageSize - (at % pageSize)));
    if (whole > 0) memory.setPages(number, part);
    else {
      const page = memory.page(number).slice();
      page.set(part, at % pageSize);
      memory.setPages(number, page);
    }
    done += part.length;
  }
}

/** A fresh copy of an address space's pages in another memory (fork). */
export function copySpace(from: Space, source: GuestMemory, target: GuestMemory): void {
  for (const { start, end, permissions } of regionsOf(from)) target.map(start, end - start, permissions);
  for (const number of source.touchedPages()) {
    const page = source.page(number);
    if (!isZeroPage(page)) target.setPages(number, page);
  }
}

const letters = (region: Region): string =>
  [
    region.permissions & 1 ? 'r' : '-',
    region.permissions & 2 ? 'w' : '-',
    region.permissions & 4 ? 'x' : '-',
    region.shared === undefined ? 'p' : 's',
  ].join('');

/** The text of /proc/<pid>/maps (proc(5)). */
export function mapsText(space: Space): string {
  return regionsOf(space)
    .map((region) => {
      const range = `${address(region.start)}-${address(region.end)}`;
      const file = region.name.startsWith('/') ? '00:01 1' : '00:00 0';
      const head = `${range} ${letters(region)} ${address(region.offset)} ${file}`;
      return region.name === '' ? `${head} \n` : `${head.padEnd(73)}${region.name}\n`;
    })
    .join('');
}

const address = (value: number): string => value.toString(16).padStart(8, '0');

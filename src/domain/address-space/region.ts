/**
 * Regions of an address space: an ordered list without overlaps, neighbours that say the same merged into one.
 * Addresses and lengths are bytes, multiples of a page; `end` is exclusive.
 */
export interface Region {
  readonly start: number;
  readonly end: number;
  /** Bits: 1 read, 2 write, 4 execute; 0 is mapped without access. */
  readonly permissions: number;
  /** What the region holds, as /proc/<pid>/maps names it: a file's path, `[heap]`, `[stack]`, or empty for anonymous memory. */
  readonly name: string;
  /** Position in the file of the first byte (0 without a file). */
  readonly offset: number;
  /** Shared with other address spaces rather than copied on write; the number names the shared object. */
  readonly shared?: number;
}

type Span = Pick<Region, 'start' | 'end'>;

const ofFile = (region: Region): boolean => region.name.startsWith('/') || region.shared !== undefined;

/** The part of `region` within `span`, which overlaps it. */
function clip(region: Region, { start, end }: Span): Region {
  const from = Math.max(region.start, start);
  const offset = ofFile(region) ? region.offset + (from - region.start) : region.offset;
  return { ...region, start: from, end: Math.min(region.end, end), offset };
}

const continues = (a: Region, b: Region): boolean =>
  a.end === b.start &&
  a.permissions === b.permissions &&
  a.name === b.name &&
  a.shared === b.shared &&
  (!ofFile(a) || a.offset + (a.end - a.start) === b.offset);

/** The index of the first region that ends above `address`. */
export function firstAbove(regions: readonly Region[], address: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (regions[middle]!.end > address) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The regions' parts that lie in [start, end). */
export function within(regions: readonly Region[], start: number, end: number): readonly Region[] {
  const found: Region[] = [];
  for (let index = firstAbove(regions, start); index < regions.length; index++) {
    const region = regions[index]!;
    if (region.start >= end) break;
    found.push(clip(region, { start, end }));
  }
  return found;
}

/** True when every byte of [start, end) is mapped. */
export function covers(regions: readonly Region[], start: number, end: number): boolean {
  let at = start;
  for (const region of within(regions, start, end)) {
    if (region.start !== at) return false;
    at = region.end;
  }
  return at >= end;
}

/** `regions` with [start, end) holding exactly `replacement` (in order, inside the range). */
export function replaceRange(
  regions: readonly Region[],
  start: number,
  end: number,
  replacement: readonly Region[],
): readonly Region[] {
  const first = firstAbove(regions, start);
  let last = first;
  const middle: Region[] = [];
  while (last < regions.length && regions[last]!.start < end) last++;
  const head = regions[first];
  if (head && first < last && head.start < start) middle.push(clip(head, { start: head.start, end: start }));
  middle.push(...replacement);
  const tail = regions[last - 1];
  if (tail && first < last && tail.end > end) middle.push(clip(tail, { start: end, end: tail.end }));
  const before = regions.slice(0, first);
  return [...before, ...middle, ...regions.slice(last)].reduce<Region[]>((merged, region, index) => {
    const previous = merged.at(-1);
    // Only the edges of the replaced range can have become mergeable.
    if (previous && index >= first && index <= first + middle.length && continues(previous, region))
      merged[merged.length - 1] = { ...previous, end: region.end };
    else merged.push(region);
    return merged;
  }, []);
}

/** The highest place for `length` bytes in [floor, ceiling) that touches no region, or undefined. */
export function highestGap(
  regions: readonly Region[],
  length: number,
  floor: number,
  ceiling: number,
): number | undefined {
  let top = ceiling;
  for (let index = regions.length - 1; index >= 0; index--) {
    const region = regions[index]!;
    if (region.start >= top) continue;
    if (region.end + length <= top) break;
    top = Math.min(top, region.start);
  }
  return top - length >= floor ? top - length : undefined;
}

/** Pages `[first, end)`. */
export interface PageRange {
  readonly first: number;
  readonly end: number;
}

/** Pages looked at one by one, as they may well differ; then those compared at once, at first and at most. */
const [few, some, most] = [32, 64, 1 << 16];

/** A byte a page, as a Buffer, which compares in bulk; the bytes are shared. */
export const pageBytes = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/**
 * The runs of equal bytes that make up `[first, end)`, in order, each found when it is asked for. Programs reserve gigabytes, nearly all
 * of whose pages are alike.
 */
export function* alikeRuns(bytes: Buffer, first: number, end: number): Iterable<PageRange> {
  for (let at = first; at < end;) {
    const run = { first: at, end: alikeUntil(bytes, at, end) };
    yield run;
    at = run.end;
  }
}

/** Where the bytes stop being equal to the one at `first`: as long as each is like its neighbour. */
function alikeUntil(bytes: Buffer, first: number, end: number): number {
  let at = first + 1;
  for (const near = Math.min(end, at + few); at < near; at++) if (bytes[at] !== bytes[first]) return at;
  for (let step = some; at < end && step > 0;) {
    const until = Math.min(end, at + step);
    if (bytes.compare(bytes, at - 1, until - 1, at, until) === 0) {
      at = until;
      step = Math.min(2 * step, most);
    } else step = Math.floor((until - at) / 2);
  }
  return at;
}

import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { MachineImage, MachineSnapshot } from '../ports/guest-machine.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { checkpointFormat, pagesPerGroup, parseManifest, readCheckpoint } from './checkpoint.ts';
import { type EncodedFields, encodePlainData } from './plain-data.ts';

/** Byte arrays of the kernel's state from this size on (files) are blobs of their own. */
const attachFrom = 16_384;
/** Groups that are gathered at once, and lie one after the other in memory, as they are stored together. */
const groupsAtOnce = 4;

/** A page's contents, or what tells them apart from others. */
type Mark = bigint | Uint8Array;

/** Pages in ascending order, whose contents are read when they are wanted. */
interface MarkedPages {
  readonly pages: readonly number[];
  mark(page: number): Mark;
  read(page: number): Uint8Array;
}

interface Placed {
  readonly mark: Mark;
  readonly group: Digest;
  readonly slot: number;
}

/** A checkpoint ready to be stored: what none before had, the manifest last; `snapshot` is its digest. */
export interface EncodedCheckpoint {
  readonly snapshot: Digest;
  readonly blobs: readonly Uint8Array[];
}

/** Encodes one machine's checkpoints, in order. Keeps what tells the pages of the last one apart to see what changed. */
export class CheckpointWriter {
  readonly #hash: HashFunction;
  #placed = new Map<number, Placed>();
  readonly #fields: EncodedFields = new Map();
  /** Digests of byte arrays that stand beside the kernel's state, and were given out to be stored. */
  readonly #digests = new WeakMap<Uint8Array, Digest>();

  constructor(hash: HashFunction) {
    this.#hash = hash;
  }

  /** Goes on behind a checkpoint that is stored, as if it had been encoded here. Throws as `readCheckpoint` does. */
  async goOnFrom(checkpoint: Digest, blobs: BlobStore): Promise<void> {
    const manifest = parseManifest(await blobs.get(checkpoint), checkpoint);
    const { pages } = await readCheckpoint(checkpoint, blobs);
    const { groups, runs } = manifest;
    for (let at = 0; at < runs.length; at += 4) {
      const [first, count, group, slot] = runs.slice(at, at + 4) as [number, number, number, number];
      for (let page = 0; page < count; page++)
        this.#placed.set(first + page, {
          mark: pages.get(first + page)!,
          group: groups[group]!,
          slot: slot + page,
        });
    }
  }

  encode({ icount, state, pages }: MachineSnapshot): EncodedCheckpoint {
    const bytesOf = (page: number): Uint8Array => pages.get(page)!;
    const numbers = [...pages.keys()].filter((page) => !isZero(bytesOf(page))).sort((a, b) => a - b);
    return collected(this.#encode(icount, state, { pages: numbers, mark: bytesOf, read: bytesOf }));
  }

  /** Gives the blobs one by one, then the checkpoint's digest. Until that the machine must not go on. */
  encodeImage(image: MachineImage): Generator<Uint8Array, Digest> {
    return this.#encode(image.icount, image.state, image);
  }

  *#encode(icount: number, state: unknown, source: MarkedPages): Generator<Uint8Array, Digest> {
    const placed = new Map<number, Placed>();
    const changed: number[] = [];
    for (const page of source.pages) {
      const before = this.#placed.get(page);
      if (before !== undefined && isMarked(source, page, before.mark)) placed.set(page, before);
      else changed.push(page);
    }
    for (const gathered of pieces(changed, groupsAtOnce * pagesPerGroup)) {
      const contents = new Uint8Array(gathered.length * pageSize);
      gathered.forEach((page, index) => {
        contents.set(source.read(page), index * pageSize);
      });
      let at = 0;
      for (const members of pieces(gathered, pagesPerGroup)) {
        const content = contents.subarray(at, (at += members.length * pageSize));
        const group = this.#hash(content);
        yield content;
        members.forEach((page, slot) => placed.set(page, { mark: source.mark(page), group, slot }));
      }
    }
    this.#placed = placed;
    const encoded = encodePlainData(state, attachFrom, this.#fields);
    const attachments: Digest[] = [];
    for (const bytes of encoded.attachments) {
      const known = this.#digests.get(bytes);
      const digest = known ?? this.#hash(bytes);
      attachments.push(digest);
      if (known !== undefined) continue;
      this.#digests.set(bytes, digest);
      yield bytes;
    }
    const content = { format: checkpointFormat, icount, state: encoded.bytes, attachments };
    const manifest = encodePlainData({ ...content, ...pageTable(placed) }).bytes;
    yield manifest;
    return this.#hash(manifest);
  }
}

/** All that a checkpoint is encoded to. */
export function collected(encoding: Generator<Uint8Array, Digest>): EncodedCheckpoint {
  const blobs: Uint8Array[] = [];
  let next = encoding.next();
  for (; !next.done; next = encoding.next()) blobs.push(next.value);
  return { snapshot: next.value, blobs };
}

/** Runs of consecutive pages in consecutive slots of one group: first page, count, group, first slot. */
function pageTable(placed: ReadonlyMap<number, Placed>): { groups: string[]; runs: number[] } {
  const groups = new Map<string, number>();
  const runs: number[] = [];
  for (const number of [...placed.keys()].sort((a, b) => a - b)) {
    const { group, slot } = placed.get(number)!;
    const index = groups.get(group) ?? groups.size;
    groups.set(group, index);
    const last = runs.length - 4;
    const count = runs[last + 1] ?? 0;
    if (
      last >= 0 &&
      runs[last]! + count === number &&
      runs[last + 2] === index &&
      runs[last + 3]! + count === slot
    )
      runs[last + 1] = count + 1;
    else runs.push(number, 1, index, slot);
  }
  return { groups: [...groups.keys()], runs };
}

function* pieces<T>(list: readonly T[], length: number): Iterable<readonly T[]> {
  for (let from = 0; from < list.length; from += length) yield list.slice(from, from + length);
}

/** Whether the page has the contents that a mark stands for; those of another kind are compared as bytes. */
function isMarked(source: MarkedPages, page: number, before: Mark): boolean {
  if (source.mark(page) === before) return true;
  return typeof before !== 'bigint' && samePage(before, source.read(page));
}

const words = (bytes: Uint8Array): Int32Array | undefined =>
  bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, pageSize / 4) : undefined;

function samePage(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [words(a) ?? a, words(b) ?? b];
  if (left.length !== right.length) return a.every((byte, at) => byte === b[at]);
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

function isZero(page: Uint8Array): boolean {
  const content = words(page) ?? page;
  for (let at = 0; at < content.length; at++) if (content[at] !== 0) return false;
  return true;
}

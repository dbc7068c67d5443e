import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import { digestWords } from '../pages/digest-words.ts';
import { isZeroPage, samePage } from '../pages/page-contents.ts';
import { PageRecords } from '../pages/page-records.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { MachineImage, MachineSnapshot } from '../ports/guest-machine.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { checkpointFormat, pagesPerGroup, parseManifest, readCheckpoint } from './checkpoint.ts';
import { type EncodedFields, encodePlainData } from './plain-data.ts';

/** Byte arrays of the kernel's state from this size on (files) are blobs of their own. */
const attachFrom = 16_384;
/** Groups that are gathered at once, and lie one after the other in memory, as they are stored together. */
const groupsAtOnce = 4;

/** Pages in ascending order, none of them zero, whose contents are read when they are wanted. */
interface PageSource {
  readonly pages: readonly number[];
  /** Whether a page is sure to be as it was in the last checkpoint. */
  isUntouched(page: number): boolean;
  /** Whether a page is as it was when it got `mark`, or as it stands in `contents`; writes the mark that it has now. */
  isAsIn(page: number, mark: Uint32Array, contents: Contents | undefined): boolean;
  mark(page: number, into: Uint32Array): void;
  read(page: number): Uint8Array;
}

type Contents = ReadonlyMap<number, Uint8Array>;

/** A checkpoint ready to be stored: what none before had, the manifest last; `snapshot` is its digest. */
export interface EncodedCheckpoint {
  readonly snapshot: Digest;
  readonly blobs: readonly Uint8Array[];
}

/**
 * Encodes one machine's checkpoints, in order. Keeps what tells the pages of the last one apart to see what changed. After one that was
 * not encoded to its end there is no other.
 */
export class CheckpointWriter {
  readonly #hash: HashFunction;
  /** For each page of the last checkpoint its group (an index), and its slot there. */
  readonly #placed = new PageRecords(2);
  readonly #place = new Uint32Array(2);
  /** For each page of the last checkpoint its mark, or zeros. */
  readonly #marks = new PageRecords(digestWords);
  readonly #mark = new Uint32Array(digestWords);
  readonly #groups = new Map<Digest, number>();
  /** The pages of the last checkpoint, where they have no marks. */
  #contents: Contents | undefined;
  /** The image that the last checkpoint was made of. */
  #image: symbol | undefined;
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
    this.#contents = pages;
    this.#image = undefined;
    this.#mark.fill(0);
    for (let at = 0; at < runs.length; at += 4) {
      const [first, count, group, slot] = runs.slice(at, at + 4) as [number, number, number, number];
      for (let page = 0; page < count; page++)
        this.#put(first + page, this.#indexOf(groups[group]!), slot + page);
    }
  }

  encode({ icount, state, pages }: MachineSnapshot): EncodedCheckpoint {
    const read = (page: number): Uint8Array => pages.get(page)!;
    const numbers = [...pages.keys()].filter((page) => !isZeroPage(read(page))).sort((a, b) => a - b);
    const encoded = collected(
      this.#encode(icount, state, {
        pages: numbers,
        isUntouched: () => false,
        isAsIn: (page, mark, contents) => {
          mark.fill(0);
          return isAsIn(contents, page, read);
        },
        mark: (_, into) => void into.fill(0),
        read,
      }),
    );
    this.#contents = pages;
    this.#image = undefined;
    return encoded;
  }

  /** Gives the blobs one by one, then the checkpoint's digest. Until that the machine must not go on. */
  *encodeImage(image: MachineImage): Generator<Uint8Array, Digest> {
    const read = (page: number): Uint8Array => image.read(page);
    const now = new Uint32Array(digestWords);
    const follows = image.before !== undefined && image.before === this.#image;
    const digest = yield* this.#encode(image.icount, image.state, {
      pages: image.pages,
      isUntouched: (page) => follows && image.isUntouched(page),
      isAsIn: (page, mark, contents) => {
        image.mark(page, now);
        const same = now.every((word, at) => word === mark[at]);
        mark.set(now);
        return same || isAsIn(contents, page, read);
      },
      mark: (page, into) => {
        image.mark(page, into);
      },
      read,
    });
    this.#contents = undefined;
    this.#image = image.id;
    return digest;
  }

  *#encode(icount: number, state: unknown, source: PageSource): Generator<Uint8Array, Digest> {
    for (const gathered of pieces(this.#changed(source), groupsAtOnce * pagesPerGroup)) {
      const contents = new Uint8Array(gathered.length * pageSize);
      gathered.forEach((page, index) => {
        contents.set(source.read(page), index * pageSize);
      });
      let at = 0;
      for (const members of pieces(gathered, pagesPerGroup)) {
        const content = contents.subarray(at, (at += members.length * pageSize));
        const group = this.#indexOf(this.#hash(content));
        yield content;
        members.forEach((page, slot) => {
          source.mark(page, this.#mark);
          this.#put(page, group, slot);
        });
      }
    }
    this.#forgetOthers(source.pages);
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
    const manifest = encodePlainData({ ...content, ...this.#pageTable(source.pages) }).bytes;
    yield manifest;
    return this.#hash(manifest);
  }

  /** The pages that the last checkpoint did not have as they are now. */
  #changed(source: PageSource): number[] {
    return source.pages.filter((page) => {
      if (source.isUntouched(page)) return false;
      if (!this.#marks.get(page, this.#mark)) return true;
      if (!source.isAsIn(page, this.#mark, this.#contents)) return true;
      this.#marks.set(page, this.#mark);
      return false;
    });
  }

  #indexOf(group: Digest): number {
    let index = this.#groups.get(group);
    if (index === undefined) this.#groups.set(group, (index = this.#groups.size));
    return index;
  }

  /** Places a page whose mark is in `#mark`. */
  #put(page: number, group: number, slot: number): void {
    this.#place[0] = group;
    this.#place[1] = slot;
    this.#placed.set(page, this.#place);
    this.#marks.set(page, this.#mark);
  }

  /** Forgets all pages but these, which have their places. */
  #forgetOthers(pages: readonly number[]): void {
    if (this.#placed.size === pages.length) return;
    let next = 0;
    for (const page of this.#placed.numbers()) {
      if (pages[next] === page) next++;
      else {
        this.#placed.delete(page);
        this.#marks.delete(page);
      }
    }
  }

  /**
   * Runs of consecutive pages in consecutive slots of one group: first page, count, group, first slot. From then on groups have the
   * numbers that they have there, and those that no page is in are forgotten.
   */
  #pageTable(pages: readonly number[]): { groups: string[]; runs: number[] } {
    const known = [...this.#groups.keys()];
    this.#groups.clear();
    const numbers = new Int32Array(known.length).fill(-1);
    const runs: number[] = [];
    const place = this.#place;
    // Of the run that is being gathered: what its next page would be, and where.
    let [next, group, slot] = [-1, -1, -1];
    for (let at = 0; at < pages.length; at++) {
      const page = pages[at]!;
      this.#placed.get(page, place);
      const before = place[0]!;
      if (numbers[before] === -1) numbers[before] = this.#indexOf(known[before]!);
      const index = numbers[before]!;
      if (index !== before) {
        place[0] = index;
        this.#placed.set(page, place);
      }
      if (page === next && index === group && place[1] === slot) runs[runs.length - 3]!++;
      else {
        group = index;
        slot = place[1]!;
        runs.push(page, 1, group, slot);
      }
      next = page + 1;
      slot++;
    }
    return { groups: [...this.#groups.keys()], runs };
  }
}

/** All that a checkpoint is encoded to. */
export function collected(encoding: Generator<Uint8Array, Digest>): EncodedCheckpoint {
  const blobs: Uint8Array[] = [];
  let next = encoding.next();
  for (; !next.done; next = encoding.next()) blobs.push(next.value);
  return { snapshot: next.value, blobs };
}

function* pieces<T>(list: readonly T[], length: number): Iterable<readonly T[]> {
  for (let from = 0; from < list.length; from += length) yield list.slice(from, from + length);
}

function isAsIn(contents: Contents | undefined, page: number, read: (page: number) => Uint8Array): boolean {
  const before = contents?.get(page);
  return before !== undefined && (before === read(page) || samePage(before, read(page)));
}

import { asDigest, type Digest, type HashFunction } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { MachineSnapshot } from '../ports/guest-machine.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { decodePlainData, type EncodedFields, encodePlainData } from './plain-data.ts';
import { RecordingError } from './recording-error.ts';

/**
 * A checkpoint as blobs: a manifest (instruction count, kernel state, page table) and groups of up to 64 pages. Laws:
 * a checkpoint stands for itself (no manifest refers to another); pages that did not change since the previous
 * checkpoint stay in the groups they are in; equal histories give equal manifests, on every engine.
 */
const pagesPerGroup = 64;
/** Byte arrays of the kernel's state from this size on (files) are blobs of their own. */
const attachFrom = 16_384;
const format = 1;

interface Placed {
  readonly bytes: Uint8Array;
  readonly group: Digest;
  readonly slot: number;
}

/** A checkpoint ready to be stored: what none before had, the manifest last; `snapshot` is its digest. */
export interface EncodedCheckpoint {
  readonly snapshot: Digest;
  readonly blobs: readonly Uint8Array[];
}

/** Encodes one machine's checkpoints, in order. Keeps the pages of the last one to see what changed. */
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
          bytes: pages.get(first + page)!,
          group: groups[group]!,
          slot: slot + page,
        });
    }
  }

  encode(snapshot: MachineSnapshot): EncodedCheckpoint {
    const blobs: Uint8Array[] = [];
    const placed = new Map<number, Placed>();
    const changed: (readonly [number, Uint8Array])[] = [];
    const numbers = [...snapshot.pages.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      const bytes = snapshot.pages.get(number)!;
      const before = this.#placed.get(number);
      if (before !== undefined && (before.bytes === bytes || samePage(before.bytes, bytes)))
        placed.set(number, before);
      else if (!isZero(bytes)) changed.push([number, bytes]);
    }
    // The groups lie one after the other, as they are stored together.
    const contents = new Uint8Array(changed.length * pageSize);
    changed.forEach(([, bytes], index) => {
      contents.set(bytes, index * pageSize);
    });
    for (let from = 0; from < changed.length; from += pagesPerGroup) {
      const members = changed.slice(from, from + pagesPerGroup);
      const content = contents.subarray(from * pageSize, (from + members.length) * pageSize);
      const group = this.#hash(content);
      blobs.push(content);
      members.forEach(([number, bytes], slot) => placed.set(number, { bytes, group, slot }));
    }
    this.#placed = placed;
    const state = encodePlainData(snapshot.state, attachFrom, this.#fields);
    const attachments = state.attachments.map((bytes) => {
      const known = this.#digests.get(bytes);
      if (known !== undefined) return known;
      const digest = this.#hash(bytes);
      this.#digests.set(bytes, digest);
      blobs.push(bytes);
      return digest;
    });
    const table = pageTable(placed);
    const manifest = encodePlainData({
      format,
      icount: snapshot.icount,
      state: state.bytes,
      attachments,
      ...table,
    }).bytes;
    blobs.push(manifest);
    return { snapshot: this.#hash(manifest), blobs };
  }
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

interface Manifest {
  readonly icount: number;
  readonly state: Uint8Array;
  readonly attachments: readonly Digest[];
  readonly groups: readonly Digest[];
  readonly runs: readonly number[];
}

function parseManifest(bytes: Uint8Array, digest: Digest): Manifest {
  try {
    const manifest = decodePlainData(bytes) as Record<string, unknown>;
    if (manifest['format'] !== format)
      throw new RangeError(`unknown checkpoint format ${String(manifest['format'])}`);
    const digests = (key: string): Digest[] => (manifest[key] as string[]).map(asDigest);
    const { icount, state, runs } = manifest;
    const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
    if (!isCount(icount) || !(state instanceof Uint8Array)) throw new RangeError('a field is malformed');
    if (!Array.isArray(runs) || runs.length % 4 !== 0 || !runs.every(isCount))
      throw new RangeError('the page table is malformed');
    return {
      icount: icount as number,
      state,
      runs: runs as number[],
      attachments: digests('attachments'),
      groups: digests('groups'),
    };
  } catch (cause) {
    throw new RecordingError(
      'damaged-recording',
      `the checkpoint ${digest} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { digest },
      cause,
    );
  }
}

/** Every blob that a checkpoint needs, its manifest included. */
export async function checkpointBlobs(snapshot: Digest, blobs: BlobStore): Promise<readonly Digest[]> {
  const manifest = parseManifest(await blobs.get(snapshot), snapshot);
  return [snapshot, ...manifest.attachments, ...manifest.groups];
}

/** The snapshot a checkpoint holds. Throws `damaged-recording`, or the blob store's faults. */
export async function readCheckpoint(snapshot: Digest, blobs: BlobStore): Promise<MachineSnapshot> {
  const { icount, state, attachments, groups, runs } = parseManifest(await blobs.get(snapshot), snapshot);
  const attached: Uint8Array[] = [];
  for (const digest of attachments) attached.push(await blobs.get(digest));
  const contents: Uint8Array[] = [];
  for (const digest of groups) contents.push(await blobs.get(digest));
  const pages = new Map<number, Uint8Array>();
  for (let at = 0; at < runs.length; at += 4) {
    const [first, count, group, slot] = runs.slice(at, at + 4) as [number, number, number, number];
    const content = contents[group];
    if (content === undefined || (slot + count) * pageSize > content.length)
      throw new RecordingError(
        'damaged-recording',
        `the checkpoint ${snapshot} refers to pages it does not hold`,
      );
    for (let page = 0; page < count; page++)
      pages.set(first + page, content.slice((slot + page) * pageSize, (slot + page + 1) * pageSize));
  }
  return { icount, state: decodePlainData(state, attached), pages };
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

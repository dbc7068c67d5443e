import { asDigest, type Digest } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { MachineSnapshot } from '../ports/guest-machine.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { decodePlainData } from './plain-data.ts';
import { RecordingError } from './recording-error.ts';

/**
 * A checkpoint as blobs: a manifest (instruction count, kernel state, page table) and groups of up to 64 pages. Laws:
 * a checkpoint stands for itself (no manifest refers to another); pages that did not change since the previous
 * checkpoint stay in the groups they are in; equal histories give equal manifests, on every engine.
 */
export const pagesPerGroup = 64;
export const checkpointFormat = 1;

export interface Manifest {
  readonly icount: number;
  readonly state: Uint8Array;
  readonly attachments: readonly Digest[];
  readonly groups: readonly Digest[];
  readonly runs: readonly number[];
}

export function parseManifest(bytes: Uint8Array, digest: Digest): Manifest {
  try {
    const manifest = decodePlainData(bytes) as Record<string, unknown>;
    if (manifest['format'] !== checkpointFormat)
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

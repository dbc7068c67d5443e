import type { RecordedBytes, RecordedReply } from '../../domain/virtual-machine/events.ts';
import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Errno, HostReply, HostRequest } from '../ports/host-system.ts';

/** Bytes up to this many travel inside their event, more go to a blob. */
const inlineBytes = 512;
/** Directory listings up to this many names travel inside their event. */
const inlineNames = 64;

/**
 * The digest of a request in canonical form: keys sorted, bytes as their own digest. Law: equal questions have equal
 * digests, whatever order their fields were written in.
 */
export function requestDigest(request: HostRequest, hash: HashFunction): Digest {
  return hash(JSON.stringify(canonical(request, hash)));
}

function canonical(value: unknown, hash: HashFunction): unknown {
  if (value instanceof Uint8Array) return { bytes: hash(value), length: value.length };
  if (Array.isArray(value)) return value.map((item) => canonical(item, hash));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, item]) => [key, canonical(item, hash)]);
}

/** The reply as it is recorded; large contents are given to `keep`, which names them. */
export function recordReply(reply: HostReply, keep: (bytes: Uint8Array) => Digest): RecordedReply {
  if (!reply.ok) return { ok: false, error: reply.error };
  const { value, stat, names, target, bytes } = reply;
  const recordedNames = (
    list: readonly string[],
  ): NonNullable<Extract<RecordedReply, { ok: true }>['names']> => {
    if (list.length <= inlineNames) return list;
    const content = new TextEncoder().encode(JSON.stringify(list));
    return { blob: keep(content), length: content.length };
  };
  return {
    ok: true,
    ...(value !== undefined && { value }),
    ...(stat !== undefined && {
      stat: {
        kind: stat.kind,
        size: stat.size,
        mode: stat.mode,
        mtimeMs: stat.mtimeMs,
        inode: stat.inode,
        links: stat.links,
      },
    }),
    ...(names !== undefined && { names: recordedNames(names) }),
    ...(target !== undefined && { target }),
    ...(bytes !== undefined && { bytes: recordBytes(bytes, keep) }),
  };
}

function recordBytes(bytes: Uint8Array, keep: (bytes: Uint8Array) => Digest): RecordedBytes {
  if (bytes.length > inlineBytes) return { blob: keep(bytes), length: bytes.length };
  return { base64: btoa(String.fromCharCode(...bytes)) };
}

/** The reply as the host gave it; large contents come from `blobs`. */
export async function restoreReply(recorded: RecordedReply, blobs: BlobStore): Promise<HostReply> {
  if (!recorded.ok) return { ok: false, error: recorded.error as Errno };
  const { value, stat, names, target, bytes } = recorded;
  const restoredNames =
    names === undefined || !('blob' in names)
      ? names
      : (JSON.parse(new TextDecoder().decode(await blobs.get(names.blob))) as readonly string[]);
  const restoredBytes =
    bytes === undefined
      ? undefined
      : 'blob' in bytes
        ? await blobs.get(bytes.blob)
        : Uint8Array.from(atob(bytes.base64), (character) => character.charCodeAt(0));
  return {
    ok: true,
    ...(value !== undefined && { value }),
    ...(stat !== undefined && { stat }),
    ...(restoredNames !== undefined && { names: restoredNames }),
    ...(target !== undefined && { target }),
    ...(restoredBytes !== undefined && { bytes: restoredBytes }),
  };
}

import { jsonEvent, type EventData, type RecordedEvent } from '@eventstore/db-client';
import { createHash } from 'node:crypto';
import type { StoredEvent } from '../../../application/ports/event-store.ts';
import { StoreFault } from '../../../application/ports/store-fault.ts';
import type { Json } from '../../../domain/shared/event.ts';
import { decodeData, type EncodedEvent } from '../append-rules.ts';

/**
 * Events as the server keeps them: the data as JSON, the version in the metadata. The server's ids are UUIDs; an id of ours
 * that is none is kept in the metadata, and the server's is derived from it, so that the same id is always the same UUID.
 */

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A UUID of version 8 (RFC 9562, section 5.8) from the id's SHA-256. */
const uuidFrom = (id: string): string => {
  const bytes = createHash('sha256').update(id).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

export const toServerEvent = ({ id, type, version, data }: EncodedEvent): EventData => {
  const own = canonicalUuid.test(id);
  return jsonEvent({
    id: own ? id : uuidFrom(id),
    type,
    data: decodeData(data) as never,
    metadata: own ? { version } : { version, id },
  });
};

interface Metadata {
  readonly version?: unknown;
  readonly id?: unknown;
}

/** An event as it is in a stream of the server, without our name of the stream. Throws StoreFault for a foreign event. */
export const fromServerEvent = (event: RecordedEvent): Omit<StoredEvent, 'stream'> => {
  const { version, id = event.id } = (event.metadata ?? {}) as Metadata;
  const revision = Number(event.revision);
  if (!event.isJson || !Number.isSafeInteger(version) || typeof id !== 'string') {
    const message = `event ${String(revision)} of ${event.streamId} was not written by Isochron: it is not JSON with a version in its metadata`;
    throw new StoreFault('store-damaged', message, { stream: event.streamId, revision });
  }
  return {
    id,
    type: event.type,
    version: version as number,
    data: event.data as Json,
    revision,
    position: positionOf(event),
  };
};

/** The place in the server's log; servers that do not tell it in stream reads give the largest number. */
const positionOf = ({ position, revision }: RecordedEvent): number => {
  const place = Number(position?.prepare ?? revision);
  return Number.isSafeInteger(place) ? place : Number(revision);
};

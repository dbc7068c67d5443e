import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type persistent from '@eventstore/db-client/generated/persistent_pb.js';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { LoggedEvent } from './event-log.ts';

/** Between the protocol's messages, as the client ships them, and the log. */

export const uuid = (id: string): shared.UUID => {
  const message = new shared.UUID();
  message.setString(id);
  return message;
};

export const streamIdentifier = (name: string): shared.StreamIdentifier => {
  const message = new shared.StreamIdentifier();
  message.setStreamName(Uint8Array.from(Buffer.from(name)));
  return message;
};

export const nameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier!.getStreamName_asU8()).toString();

type Recorded = streams.ReadResp.ReadEvent.RecordedEvent | persistent.ReadResp.ReadEvent.RecordedEvent;

/** Fills in what both services say of an event. */
export const fillRecorded = <T extends Recorded>(message: T, event: LoggedEvent): T => {
  message.setId(uuid(event.id));
  message.setStreamIdentifier(streamIdentifier(event.stream));
  message.setStreamRevision(String(event.revision));
  message.setCommitPosition(String(event.position));
  message.setPreparePosition(String(event.position));
  for (const [key, value] of event.metadata) message.getMetadataMap().set(key, value);
  message.getMetadataMap().set('created', '17672256000000000');
  message.setCustomMetadata(event.customMetadata);
  message.setData(event.data);
  return message;
};

export const readResponse = (event: LoggedEvent): streams.ReadResp => {
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(fillRecorded(new streams.ReadResp.ReadEvent.RecordedEvent(), event));
  read.setCommitPosition(String(event.position));
  const response = new streams.ReadResp();
  response.setEvent(read);
  return response;
};

/** An error as the server reports it: a status, and the exception's name and parts as trailing metadata. */
export const exception = (
  code: status,
  name: string,
  parts: Readonly<Record<string, string>> = {},
): Partial<ServiceError> => {
  const metadata = new Metadata();
  metadata.set('exception', name);
  for (const [key, value] of Object.entries(parts)) metadata.set(key, value);
  return { code, details: name, metadata };
};

export const streamDeleted = (name: string): Partial<ServiceError> =>
  exception(status.FAILED_PRECONDITION, 'stream-deleted', { 'stream-name': encodeURIComponent(name) });

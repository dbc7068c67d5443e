import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  status,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import type { ConsumerGroup } from './consumer-group.ts';
import type { EventLog, Expected, ProposedEvent } from './event-log.ts';
import type { Faults } from './faults.ts';
import {
  exception,
  fillRecorded,
  nameOf,
  readResponse,
  streamDeleted,
  streamIdentifier,
} from './messages.ts';
import type { Groups } from './persistent-service.ts';

export interface StreamsService {
  readonly read: handleServerStreamingCall<streams.ReadReq, streams.ReadResp>;
  readonly append: handleBidiStreamingCall<streams.AppendReq, streams.AppendResp>;
  readonly tombstone: handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp>;
  readonly batchAppend: handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp>;
}

/** The Streams service over a log: what the adapter uses of it. */
export const streamsService = (
  { log, faults, groups }: { readonly log: EventLog; readonly faults: Faults; readonly groups: Groups },
  maxAppendSize: number,
): StreamsService => ({
  read(call) {
    const options = call.request.getOptions()!;
    const source = options.getStream()!;
    const name = nameOf(source.getStreamIdentifier());
    const fail = (error: object): void => {
      call.emit('error', Object.assign(new Error('refused'), error));
    };
    if (log.stream(name)?.deleted === true) {
      fail(streamDeleted(name));
      return;
    }
    if (options.hasSubscription()) {
      let next = source.hasRevision() ? Number(source.getRevision()) + 1 : 0;
      const confirmation = new streams.ReadResp();
      confirmation.setConfirmation(new streams.ReadResp.SubscriptionConfirmation());
      call.write(confirmation);
      const deliver = (): void => {
        const stream = log.stream(name);
        for (const event of stream?.events.slice(next) ?? []) {
          call.write(readResponse(event));
          if (faults.take('deliver-twice')) call.write(readResponse(event));
          next = event.revision + 1;
        }
        if (stream?.deleted === true) fail(streamDeleted(name));
      };
      const leave = log.watch(deliver);
      call.on('cancelled', leave);
      call.on('close', leave);
      deliver();
      return;
    }
    const parked = /^\$persistentsubscription-(.*)-parked$/.exec(name)?.[1];
    if (parked !== undefined) {
      for (const response of parkedLinks(groups.get(parked))) call.write(response);
      call.end();
      return;
    }
    const events = log.stream(name)?.events ?? [];
    if (events.length === 0) {
      const missing = new streams.ReadResp.StreamNotFound();
      missing.setStreamIdentifier(streamIdentifier(name));
      const response = new streams.ReadResp();
      response.setStreamNotFound(missing);
      call.write(response);
      call.end();
      return;
    }
    if (faults.take('read-hangs')) return;
    const count = Number(options.getCount());
    const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
    const from = source.hasRevision() ? Number(source.getRevision()) : source.hasEnd() ? Infinity : 0;
    const chosen = backwards ? events.slice(0, from + 1).reverse() : events.slice(from);
    for (const event of chosen.slice(0, count)) {
      call.write(readResponse(event));
      if (faults.take('deliver-twice')) call.write(readResponse(event));
      if (faults.take('read-breaks')) {
        faults.disappear();
        return;
      }
    }
    call.end();
  },

  // A stream of answers, so that a fault may give two where the protocol has one.
  append(call) {
    let name = '';
    let expected: Expected = 'any';
    let size = 0;
    const events: ProposedEvent[] = [];
    call.on('data', (request: streams.AppendReq) => {
      const options = request.getOptions();
      const message = request.getProposedMessage();
      if (options !== undefined) {
        name = nameOf(options.getStreamIdentifier());
        expected = expectedBy(options);
      }
      if (message !== undefined) {
        size += message.getData_asU8().length + message.getCustomMetadata_asU8().length;
        events.push({
          id: message.getId()!.getString(),
          metadata: new Map(message.getMetadataMap().getEntryList()),
          customMetadata: message.getCustomMetadata_asU8(),
          data: message.getData_asU8(),
        });
      }
    });
    call.on('error', () => undefined);
    call.on('end', () => {
      if (faults.take('append-hangs')) return;
      if (faults.take('vanish-before-append')) {
        faults.disappear();
        return;
      }
      if (size > maxAppendSize) {
        const parts = { 'maximum-append-size': String(maxAppendSize) };
        call.emit(
          'error',
          Object.assign(
            new Error(),
            exception(status.INVALID_ARGUMENT, 'maximum-append-size-exceeded', parts),
          ),
        );
        return;
      }
      const outcome = log.append(name, expected, events);
      if (faults.take('vanish-after-append')) {
        faults.disappear();
        return;
      }
      if (faults.take('append-unanswered')) return;
      if (outcome.kind === 'deleted') {
        call.emit('error', Object.assign(new Error('refused'), streamDeleted(name)));
        return;
      }
      const response = new streams.AppendResp();
      if (outcome.kind === 'conflict') {
        const wrong = new streams.AppendResp.WrongExpectedVersion();
        if (outcome.actual < 0) wrong.setCurrentNoStream(new shared.Empty());
        else wrong.setCurrentRevision(String(outcome.actual));
        response.setWrongExpectedVersion(wrong);
      } else {
        const success = new streams.AppendResp.Success();
        success.setCurrentRevision(String(outcome.revision));
        response.setSuccess(success);
      }
      if (faults.take('append-answered-twice')) call.write(response);
      call.write(response);
      call.end();
    });
  },

  tombstone({ request }, answer) {
    const name = nameOf(request.getOptions()!.getStreamIdentifier());
    const done = log.tombstone(name);
    if (faults.take('delete-unanswered')) return;
    answer(done ? null : streamDeleted(name), new streams.TombstoneResp());
  },

  batchAppend(call) {
    faults.batches++;
    call.emit('error', Object.assign(new Error(), { code: status.UNIMPLEMENTED }));
  },
});

/** Parked messages are links to the events, with the reason in their metadata. */
const parkedLinks = (group: ConsumerGroup | undefined): readonly streams.ReadResp[] =>
  (group?.parked ?? []).map(({ event, reason }) => {
    const response = readResponse(event);
    const link = fillRecorded(new streams.ReadResp.ReadEvent.RecordedEvent(), event);
    link.setCustomMetadata(Buffer.from(JSON.stringify({ reason })));
    response.getEvent()!.setLink(link);
    return response;
  });

const expectedBy = (options: streams.AppendReq.Options): Expected => {
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'exists';
  return options.hasNoStream() ? -1 : Number(options.getRevision());
};

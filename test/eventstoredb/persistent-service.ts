import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import { status, type handleBidiStreamingCall, type handleUnaryCall } from '@grpc/grpc-js';
import { ConsumerGroup, type GroupConsumer } from './consumer-group.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import { exception, fillRecorded, nameOf } from './messages.ts';

export interface PersistentService {
  readonly create: handleUnaryCall<persistent.CreateReq, persistent.CreateResp>;
  readonly read: handleBidiStreamingCall<persistent.ReadReq, persistent.ReadResp>;
  readonly replayParked: handleUnaryCall<persistent.ReplayParkedReq, persistent.ReplayParkedResp>;
}

/** The groups by stream and name; they outlive the server's connections. */
export type Groups = Map<string, ConsumerGroup>;

export const groupKey = (stream: string, group: string): string => `${stream}::${group}`;

/** The PersistentSubscriptions service over a log: what the adapter uses of it. */
export const persistentService = (log: EventLog, groups: Groups): PersistentService => ({
  create({ request }, answer) {
    const options = request.getOptions()!;
    const stream = nameOf(options.getStreamIdentifier());
    const key = groupKey(stream, options.getGroupName());
    if (groups.has(key)) {
      answer(exception(status.ALREADY_EXISTS, 'persistent-subscription-exists'));
      return;
    }
    const settings = options.getSettings()!;
    groups.set(
      key,
      new ConsumerGroup(log, stream, settings.getMessageTimeoutMs(), settings.getMaxRetryCount()),
    );
    answer(null, new persistent.CreateResp());
  },

  read(call) {
    let group: ConsumerGroup | undefined;
    let consumer: GroupConsumer | undefined;
    const leave = (): void => {
      if (consumer !== undefined) group?.leave(consumer);
      consumer = undefined;
    };
    call.on('data', (request: persistent.ReadReq) => {
      const options = request.getOptions();
      if (options !== undefined) {
        group = groups.get(groupKey(nameOf(options.getStreamIdentifier()), options.getGroupName()));
        if (group === undefined) {
          call.emit('error', exception(status.NOT_FOUND, 'persistent-subscription-does-not-exist'));
          return;
        }
        const confirmation = new persistent.ReadResp();
        confirmation.setSubscriptionConfirmation(new persistent.ReadResp.SubscriptionConfirmation());
        call.write(confirmation);
        consumer = {
          bufferSize: options.getBufferSize(),
          deliver: (event, retries) => {
            call.write(delivery(event, retries));
          },
        };
        group.join(consumer);
      } else if (consumer !== undefined) {
        for (const id of request.getAck()?.getIdsList() ?? []) group?.acknowledge(consumer, id.getString());
        const nack = request.getNack();
        const action = nack?.getAction() === persistent.ReadReq.Nack.Action.PARK ? 'park' : 'retry';
        for (const id of nack?.getIdsList() ?? [])
          group?.refuse(consumer, id.getString(), action, nack?.getReason() ?? '');
      }
    });
    call.on('end', () => {
      leave();
      call.end();
    });
    call.on('cancelled', leave);
    call.on('error', leave);
    call.on('close', leave);
  },

  replayParked({ request }, answer) {
    const options = request.getOptions()!;
    groups.get(groupKey(nameOf(options.getStreamIdentifier()), options.getGroupName()))?.replayParked();
    answer(null, new persistent.ReplayParkedResp());
  },
});

const delivery = (event: LoggedEvent, retries: number): persistent.ReadResp => {
  const read = new persistent.ReadResp.ReadEvent();
  read.setEvent(fillRecorded(new persistent.ReadResp.ReadEvent.RecordedEvent(), event));
  read.setCommitPosition(String(event.position));
  read.setRetryCount(retries);
  const response = new persistent.ReadResp();
  response.setEvent(read);
  return response;
};

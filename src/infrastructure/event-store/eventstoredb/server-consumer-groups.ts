import {
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type PersistentSubscriptionToStream,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type {
  ConsumerGroups,
  Delivery,
  GroupSettings,
  ParkedEvent,
} from '../../../application/ports/consumer-groups.ts';
import { arrivingEvents } from './arriving-events.ts';
import { fromServerEvent } from './event-codec.ts';
import { errorType, type ServerConnection } from './server-connection.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';

/** A consumer's sign of life is its connection; the server's own time limit is for those that hang, ms. */
const longestWork = 30 * 60_000;

/**
 * Consumer groups as the server's persistent subscriptions: it hands out the events, notices when a consumer's connection
 * ends, and parks what failed too often.
 */
export class ServerConsumerGroups implements ConsumerGroups {
  readonly #connection: ServerConnection;
  readonly #catalogue: StreamCatalogue;
  readonly #attempt: number;

  /** `attempt`: how long to wait for the server at a time, ms. */
  constructor(connection: ServerConnection, catalogue: StreamCatalogue, attempt: number) {
    this.#connection = connection;
    this.#catalogue = catalogue;
    this.#attempt = attempt;
  }

  async *consume(
    stream: string,
    group: string,
    settings: GroupSettings,
    signal: AbortSignal,
  ): AsyncGenerator<Delivery> {
    const name = await this.#join(stream, group, settings);
    const retry = this.#connection.retrying();
    const ending = AbortSignal.any([signal, this.#connection.closing]);
    while (!signal.aborted) {
      this.#connection.mustBeOpen();
      const { client } = this.#connection;
      try {
        const subscription = client.subscribeToPersistentSubscriptionToStream(name, group, { bufferSize: 1 });
        subscription.once('confirmation', retry.reset);
        const arriving = arrivingEvents(subscription, {
          limit: this.#attempt,
          live: true,
          signal: ending,
          cancel: () => subscription.unsubscribe(),
        });
        for await (const arrival of arriving) {
          const delivery = new ServerDelivery(stream, subscription, arrival);
          // Who leaves meanwhile ends the connection, and the server hands the event out again.
          yield delivery;
          if (signal.aborted) return;
          await delivery.giveBack('the consumer went on without it');
        }
        throw new Error('the server ended the subscription');
      } catch (error) {
        if (signal.aborted) return;
        await retry(error, client);
      }
    }
  }

  async parked(stream: string, group: string): Promise<readonly ParkedEvent[]> {
    const name = `$persistentsubscription-${await this.#serverName(stream)}::${group}-parked`;
    return this.#connection.attempt(async (client) => {
      const found: ParkedEvent[] = [];
      try {
        for await (const { event, link } of client.readStream(name, { resolveLinkTos: true }))
          if (event !== undefined)
            found.push({ event: { stream, ...fromServerEvent(event) }, reason: reasonOf(link?.metadata) });
      } catch (error) {
        if (errorType(error) !== 'stream-not-found') throw error;
      }
      return found;
    });
  }

  async unpark(stream: string, group: string): Promise<number> {
    const parked = await this.parked(stream, group);
    const name = await this.#serverName(stream);
    if (parked.length > 0)
      await this.#connection.attempt((client) => client.replayParkedMessagesToStream(name, group));
    return parked.length;
  }

  /** Makes the group, if it is not there; gives the stream's name on the server. */
  async #join(stream: string, group: string, { patience, mostRetries }: GroupSettings): Promise<string> {
    const name = await this.#serverName(stream);
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({
      startFrom: START,
      messageTimeout: Math.max(patience, longestWork),
      maxRetryCount: mostRetries,
      // What is settled is to be known soon: after a restart the server hands out again what it does not know of.
      checkPointLowerBound: 1,
      checkPointAfter: 1000,
    });
    try {
      await this.#connection.attempt((client) =>
        client.createPersistentSubscriptionToStream(name, group, settings),
      );
    } catch (error) {
      if (errorType(error) !== 'persistent-subscription-exists') throw error;
    }
    return name;
  }

  async #serverName(stream: string): Promise<string> {
    return this.#catalogue.serverName(stream, await this.#catalogue.open(stream));
  }
}

const reasonOf = (metadata: unknown): string => {
  const reason = (metadata as { reason?: unknown } | undefined)?.reason;
  return typeof reason === 'string' ? reason : 'no reason is known';
};

type Arrival = ResolvedEvent & { readonly event: NonNullable<ResolvedEvent['event']> };

class ServerDelivery implements Delivery {
  readonly event: Delivery['event'];
  readonly retries: number;
  readonly #subscription: PersistentSubscriptionToStream;
  readonly #arrival: Arrival;
  #open = true;

  constructor(
    stream: string,
    subscription: PersistentSubscriptionToStream,
    arrival: Arrival & { readonly retryCount: number },
  ) {
    this.event = { stream, ...fromServerEvent(arrival.event) };
    this.retries = arrival.retryCount;
    this.#subscription = subscription;
    this.#arrival = arrival;
  }

  acknowledge(): Promise<void> {
    return this.#settle(() => this.#subscription.ack(this.#arrival));
  }

  giveBack(reason: string): Promise<void> {
    return this.#settle(() => this.#subscription.nack('retry', reason, this.#arrival));
  }

  park(reason: string): Promise<void> {
    return this.#settle(() => this.#subscription.nack('park', reason, this.#arrival));
  }

  /** When the connection is gone, the server hands the event out again of itself. */
  async #settle(tell: () => Promise<void>): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await tell().catch(() => undefined);
  }
}

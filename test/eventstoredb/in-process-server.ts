import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import persistentGrpc from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventLog } from './event-log.ts';
import { Faults } from './faults.ts';
import { persistentService, type Groups } from './persistent-service.ts';
import { streamsService } from './streams-service.ts';

/** Above the largest event that an EventStore takes. */
const largestMessage = 32 << 20;

/**
 * A server that speaks EventStoreDB's protocol over real gRPC, in this process and memory, built on the service
 * definitions that the client ships.
 */
export class InProcessServer {
  readonly log = new EventLog();
  readonly groups: Groups = new Map();
  readonly faults = new Faults(() => {
    this.#restarting = this.#restart();
  });
  readonly #maxAppendSize: number;
  #server: Server | undefined;
  #restarting: Promise<void> | undefined;
  #port = 0;

  private constructor(maxAppendSize: number) {
    this.#maxAppendSize = maxAppendSize;
  }

  /** `maxAppendSize`: as the server's option --max-append-size, bytes. */
  static async start(maxAppendSize = 16 << 20): Promise<InProcessServer> {
    const server = new InProcessServer(maxAppendSize);
    await server.listen();
    return server;
  }

  /** How a client finds it. */
  get url(): string {
    return `esdb://127.0.0.1:${String(this.#port)}?tls=false`;
  }

  /** Breaks all connections and takes no more. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  async listen(): Promise<void> {
    const server = new Server({
      'grpc.max_receive_message_length': largestMessage,
      'grpc.max_send_message_length': largestMessage,
    });
    const service = streamsService(this, this.#maxAppendSize);
    const { append } = streamsGrpc.StreamsService as unknown as Record<string, object>;
    server.addService(
      { ...streamsGrpc.StreamsService, append: { ...append, responseStream: true } } as never,
      service as unknown as UntypedServiceImplementation,
    );
    server.addService(
      persistentGrpc.PersistentSubscriptionsService as never,
      persistentService(this.log, this.groups) as unknown as UntypedServiceImplementation,
    );
    server.addService(featuresGrpc.ServerFeaturesService as never, {
      getSupportedMethods: (_: unknown, answer: (error: null, response: unknown) => void) => {
        answer(null, supportedMethods());
      },
    });
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(
        `127.0.0.1:${String(this.#port)}`,
        ServerCredentials.createInsecure(),
        (error, port) => {
          if (error === null) resolve(port);
          else reject(error);
        },
      );
    });
    this.#server = server;
  }

  async close(): Promise<void> {
    await this.#restarting;
    this.stop();
  }

  async #restart(): Promise<void> {
    this.stop();
    await sleep(30);
    await this.listen();
  }
}

/** Like a real server, it offers the batch mode, and replays parked messages by gRPC. */
const supportedMethods = (): features.SupportedMethods => {
  const supported = (service: string, name: string, offers: string[]): features.SupportedMethod => {
    const method = new features.SupportedMethod();
    method.setServiceName(`event_store.client.${service}`);
    method.setMethodName(name);
    method.setFeaturesList(offers);
    return method;
  };
  const message = new features.SupportedMethods();
  message.setMethodsList([
    supported('streams.streams', 'batchappend', []),
    supported('persistent_subscriptions.persistentsubscriptions', 'replayparked', ['stream']),
  ]);
  message.setEventStoreServerVersion('24.10.0');
  return message;
};

import type { Json } from '../../domain/shared/event.ts';
import type { MachineEvent } from '../../domain/virtual-machine/events.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import { appendInParts } from './append-in-parts.ts';
import type { HostClock } from '../ports/host-clock.ts';
import { historyOf } from './history.ts';
import { RecordingError } from './recording-error.ts';

export interface Stores {
  readonly events: EventStore;
  readonly blobs: BlobStore;
}

/** Bytes of blobs and events that may wait for the store before `write` waits for it too. */
const maxWaiting = 16 * 2 ** 20;
/** Milliseconds between the beginnings of two batches: a commit costs about as much as what it commits. */
const batchEvery = 1000;
/** Bytes that are worth a batch of their own. */
const worthABatch = 2 ** 23;

/**
 * Appends one recording's events while the guest runs on. Laws: events reach the stream in order; a blob is durable
 * before an event that came with it; at most one batch is being written and about 16 MiB wait; a failed write fails
 * the next call. Events are written together with those that came within a second, when `write` is called after that.
 */
export class Journal {
  readonly #stores: Stores;
  readonly #stream: string;
  readonly #newId: () => string;
  readonly #clock: HostClock;
  #events: MachineEvent[] = [];
  #blobs: Uint8Array[] = [];
  #waiting = 0;
  #revision = -1;
  #written = 0;
  #writing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #batchBegan = -Infinity;

  constructor(stores: Stores, stream: string, newId: () => string, clock: HostClock) {
    this.#stores = stores;
    this.#stream = stream;
    this.#newId = newId;
    this.#clock = clock;
  }

  /** Events appended durably. */
  get written(): number {
    return this.#written;
  }

  /** Takes events, and the blobs they refer to; resolves at once unless too much is waiting. */
  async write(events: readonly MachineEvent[], blobs: readonly Uint8Array[] = []): Promise<void> {
    this.#events.push(...events);
    this.#blobs.push(...blobs);
    this.#waiting += events.length * 256;
    for (const blob of blobs) this.#waiting += blob.length;
    this.#throwFailure();
    const batchIsDue = this.#waiting >= worthABatch || this.#clock.now() - this.#batchBegan >= batchEvery;
    if (batchIsDue && this.#hasWork) this.#writing ??= this.#writeBatch();
    if (this.#waiting > maxWaiting) await this.flush();
  }

  /** Resolves when everything taken so far is durable. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined || this.#hasWork) {
      await (this.#writing ??= this.#writeBatch());
      this.#throwFailure();
    }
    this.#throwFailure();
  }

  get #hasWork(): boolean {
    return this.#events.length > 0 || this.#blobs.length > 0;
  }

  async #writeBatch(): Promise<void> {
    const [events, blobs] = [this.#events, this.#blobs];
    this.#events = [];
    this.#blobs = [];
    this.#waiting = 0;
    this.#batchBegan = this.#clock.now();
    try {
      if (blobs.length > 0) await this.#stores.blobs.putMany(blobs);
      if (events.length > 0) await this.#append(events);
    } catch (cause) {
      this.#failure = { cause };
    } finally {
      this.#writing = undefined;
    }
  }

  async #append(events: readonly MachineEvent[]): Promise<void> {
    const appended = await appendInParts(
      this.#stores.events,
      this.#stream,
      this.#revision,
      events.map(({ type, version, data }) => ({
        id: this.#newId(),
        type,
        version,
        data: data as unknown as Json,
      })),
    );
    if (!appended.ok)
      throw new RecordingError(
        'recording-exists',
        this.#revision < 0
          ? `a recording named ${historyOf(this.#stream) ?? this.#stream} exists already: choose another name, or delete it first`
          : `another process wrote to ${this.#stream} while it was being recorded`,
        { stream: this.#stream },
      );
    this.#revision = appended.value.revision;
    this.#written += events.length;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}

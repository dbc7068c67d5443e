import type { MachineEvent } from '../../domain/virtual-machine/events.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import { restoreReply } from './host-reply.ts';
import { recordedEvents, type RecordedEvent } from './recorded-events.ts';
import type { ReplyToGive } from './replayed-host.ts';

/** Something a replay must stop at: an event that is no reply, or the place where the replies end within an instruction. */
export type ReplayPoint =
  | {
      readonly kind: 'event';
      readonly icount: number;
      readonly revision: number;
      readonly event: PointEvent;
    }
  | { readonly kind: 'cut-off'; readonly icount: number };

export type PointEvent = Exclude<
  MachineEvent,
  { readonly type: 'MachineCreated' | 'MachineStarted' | 'HostReplied' | 'RequestUnanswered' }
>;

/** What comes next: replies to have ready, and how far the guest may run before more must be fetched. */
export interface Portion {
  readonly replies: readonly ReplyToGive[];
  readonly events: number;
  /** The guest asks for nothing that was not fetched while it has retired at most this many instructions. */
  readonly safeUntil: number;
  /** The point at `safeUntil`, when that is why the portion ends. */
  readonly point: ReplayPoint | undefined;
}

/** Replies fetched ahead, by number and bytes. */
const maxReplies = 20_000;
const maxBytes = 32 * 2 ** 20;

/** Reads a recording ahead of the guest, in bounded portions. */
export class RecordingFeed {
  readonly #events: AsyncGenerator<RecordedEvent, undefined>;
  readonly #blobs: BlobStore;
  #peeked: RecordedEvent | undefined;
  #last = 0;

  /** Reads from revision `from`; `icount` is where the machine stands then. */
  constructor(events: EventStore, blobs: BlobStore, recording: string, from: number, icount: number) {
    this.#events = recordedEvents(events, recording, from);
    this.#blobs = blobs;
    this.#last = icount;
  }

  async next(): Promise<Portion> {
    const replies: ReplyToGive[] = [];
    let events = 0;
    let bytes = 0;
    for (;;) {
      const recorded = await this.#peek();
      if (recorded === undefined)
        return { replies, events, safeUntil: this.#last, point: { kind: 'cut-off', icount: this.#last } };
      const { revision, event } = recorded;
      if (event.type === 'HostReplied') {
        const { icount, call, request } = event.data;
        // Replies at one instruction count are fetched together, so that the guest always gets past the last one.
        if ((replies.length >= maxReplies || bytes >= maxBytes) && icount - 1 > replies[0]!.icount)
          return { replies, events, safeUntil: icount - 1, point: undefined };
        const reply = await restoreReply(event.data.reply, this.#blobs);
        if (reply.ok) bytes += reply.bytes?.length ?? 0;
        replies.push({ revision, icount, call, request, reply });
      } else if (event.type === 'RequestUnanswered') {
        const { icount } = event.data;
        return { replies, events: events + 1, safeUntil: icount, point: { kind: 'cut-off', icount } };
      } else if (event.type !== 'MachineCreated' && event.type !== 'MachineStarted') {
        this.#take(event.data.icount);
        const { icount } = event.data;
        return {
          replies,
          events: events + 1,
          safeUntil: icount,
          point: { kind: 'event', icount, revision, event },
        };
      }
      events++;
      this.#take('icount' in event.data ? event.data.icount : 0);
    }
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#events.return(undefined);
  }

  async #peek(): Promise<RecordedEvent | undefined> {
    if (this.#peeked === undefined) {
      const { value } = await this.#events.next();
      this.#peeked = value ?? undefined;
    }
    return this.#peeked;
  }

  #take(icount: number): void {
    this.#last = Math.max(this.#last, icount);
    this.#peeked = undefined;
  }
}

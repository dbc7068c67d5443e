import { restoreReply } from '../recording/host-reply.ts';
import type { Stores } from '../recording/journal.ts';
import { recordedEvents } from '../recording/recorded-events.ts';
import type { ReplayedHost, ReplyToGive } from '../recording/replayed-host.ts';
import type { RecordingIndex } from './recording-index.ts';

/** Replies fetched at a time, by number and bytes, and replies already given that are kept for going back. */
const batch = { replies: 1024, bytes: 8 * 2 ** 20 } as const;
const kept = 8192;

/**
 * Has the recorded host replies at hand wherever a guest goes in its recording. Laws: the guest runs no further than
 * `reach` allows, so it never asks for what was not fetched; what is kept in memory is bounded.
 */
export class ReplyWindow {
  readonly #recording: string;
  readonly #stores: Stores;
  readonly #index: RecordingIndex['replies'];
  readonly #host: ReplayedHost;
  /** The window: replies `#base` to `#base + #loaded`. */
  #base = 0;
  #loaded = 0;

  constructor(recording: string, stores: Stores, index: RecordingIndex['replies'], host: ReplayedHost) {
    this.#recording = recording;
    this.#stores = stores;
    this.#index = index;
    this.#host = host;
  }

  /** Replies given since the machine began. */
  get given(): number {
    return this.#base + this.#host.position;
  }

  /** The guest was put where `given` replies have been given. */
  goTo(given: number): void {
    if (given < this.#base || given > this.#base + this.#loaded) {
      this.#host.reset();
      this.#base = given;
      this.#loaded = 0;
    }
    this.#host.rewind(given - this.#base);
  }

  /** How far a guest that stands at `icount` may run towards `until`: at least one instruction, when `until` is ahead. */
  async reach(icount: number, until: number): Promise<number> {
    for (;;) {
      const next = this.#index.icounts[this.#base + this.#loaded] ?? Number.POSITIVE_INFINITY;
      if (next > until) return until;
      if (next - 1 > icount) return next - 1;
      await this.#fetch();
    }
  }

  async #fetch(): Promise<void> {
    if (this.#host.position > kept) {
      this.#base += this.#host.position;
      this.#loaded -= this.#host.position;
      this.#host.forget();
    }
    const from = this.#index.revisions[this.#base + this.#loaded]!;
    const replies: ReplyToGive[] = [];
    let bytes = 0;
    for await (const { revision, event } of recordedEvents(this.#stores.events, this.#recording, from)) {
      if (event.type !== 'HostReplied') continue;
      const { icount, call, request } = event.data;
      // Replies at one instruction count come together: the guest may ask for all of them within one instruction.
      const full = replies.length >= batch.replies || bytes >= batch.bytes;
      if (full && icount !== replies.at(-1)!.icount) break;
      const reply = await restoreReply(event.data.reply, this.#stores.blobs);
      if (reply.ok) bytes += reply.bytes?.length ?? 0;
      replies.push({ revision, icount, call, request, reply });
    }
    this.#host.supply(replies);
    this.#loaded += replies.length;
  }
}

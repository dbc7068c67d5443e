import type { HashFunction } from '../../domain/shared/digest.ts';
import type { HostRepliedData } from '../../domain/virtual-machine/events.ts';
import type { HostReply, HostRequest, HostSystem } from '../ports/host-system.ts';
import { recordReply, requestDigest } from './host-reply.ts';

/** Replies, with the contents that they refer to by digest. */
export interface TakenReplies {
  readonly replies: readonly HostRepliedData[];
  readonly blobs: readonly Uint8Array[];
}

/** A host whose replies are written down (unless `keep` is false: then only counted). The guest sees what it would see without. */
export class RecordingHost implements HostSystem {
  readonly #host: HostSystem;
  readonly #hash: HashFunction;
  readonly #icount: () => number;
  readonly #keep: boolean;
  #replies: HostRepliedData[] = [];
  #blobs: Uint8Array[] = [];
  #requests = 0;

  constructor(host: HostSystem, hash: HashFunction, icount: () => number, keep = true) {
    this.#host = host;
    this.#hash = hash;
    this.#icount = icount;
    this.#keep = keep;
  }

  /** Requests so far. */
  get requests(): number {
    return this.#requests;
  }

  perform(request: HostRequest): HostReply {
    const reply = this.#host.perform(request);
    this.#requests++;
    if (!this.#keep) return reply;
    this.#replies.push({
      icount: this.#icount(),
      call: request.call,
      request: requestDigest(request, this.#hash),
      reply: recordReply(reply, (bytes) => {
        const kept = bytes.slice();
        this.#blobs.push(kept);
        return this.#hash(kept);
      }),
    });
    return reply;
  }

  /** What was replied since the last call. */
  take(): TakenReplies {
    const taken = { replies: this.#replies, blobs: this.#blobs };
    this.#replies = [];
    this.#blobs = [];
    return taken;
  }
}

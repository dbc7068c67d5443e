import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import type { DivergenceReport } from '../../domain/virtual-machine/divergence.ts';
import type { HostReply, HostRequest, HostSystem } from '../ports/host-system.ts';
import { requestDigest } from './host-reply.ts';

/** A recorded reply, ready to be given again. */
export interface ReplyToGive {
  readonly revision: number;
  readonly icount: number;
  readonly call: string;
  readonly request: Digest;
  readonly reply: HostReply;
}

/** Thrown out of the guest when it asks what the recording does not say. */
export class RequestDiverged extends Error {
  override readonly name = 'RequestDiverged';
  readonly report: DivergenceReport;

  constructor(report: DivergenceReport) {
    super(report.summary);
    this.report = report;
  }
}

/** Thrown out of the guest when a recording that was cut off has no more replies. */
export class RecordingExhausted extends Error {
  override readonly name = 'RecordingExhausted';
}

/**
 * A host that answers from a recording and touches nothing outside. Laws: the n-th request gets the n-th reply; a
 * request that differs from the recorded one, or comes at another instruction count, is a divergence, never answered.
 */
export class ReplayedHost implements HostSystem {
  readonly #hash: HashFunction;
  readonly #foundBy: string;
  readonly #output: (to: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  #icount: () => number = () => 0;
  #queue: ReplyToGive[] = [];
  #next = 0;
  #outputBytes = 0;
  #given = 0;
  /** Whether running out of replies is the recording's end rather than a divergence. */
  cutOff = false;

  constructor(
    hash: HashFunction,
    foundBy: string,
    output: (to: 'stdout' | 'stderr', bytes: Uint8Array) => void = () => undefined,
  ) {
    this.#hash = hash;
    this.#foundBy = foundBy;
    this.#output = output;
  }

  /** Bytes of guest output given out again. */
  get outputBytes(): number {
    return this.#outputBytes;
  }

  /** Replies given. */
  get given(): number {
    return this.#given;
  }

  /** The first reply that was not asked for yet. */
  get pending(): ReplyToGive | undefined {
    return this.#queue[this.#next];
  }

  /** Place in what was supplied, to come back to with {@link rewind}. */
  get position(): number {
    return this.#next;
  }

  /** Tells where the guest's instruction count is read. */
  watch(icount: () => number): void {
    this.#icount = icount;
  }

  supply(replies: readonly ReplyToGive[]): void {
    this.#queue.push(...replies);
  }

  /** Drops the replies already given. */
  forget(): void {
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
  }

  rewind(position: number): void {
    this.#next = position;
  }

  /** Drops everything supplied: the machine moves to another instant. */
  reset(): void {
    this.#queue = [];
    this.#next = 0;
  }

  perform(request: HostRequest): HostReply {
    const expected = this.#queue[this.#next];
    const icount = this.#icount();
    const found = requestDigest(request, this.#hash);
    if (expected === undefined) {
      if (this.cutOff) throw new RecordingExhausted('the recording was cut off here');
      throw this.#diverged(icount, undefined, `${request.call} at ${icount.toString()}`, found);
    }
    if (expected.icount !== icount || expected.call !== request.call || expected.request !== found)
      throw this.#diverged(icount, expected, `${request.call} at ${icount.toString()}`, found);
    this.#next++;
    this.#given++;
    if (request.call === 'writeOutput' && expected.reply.ok) {
      const bytes = request.bytes.subarray(0, expected.reply.value ?? request.bytes.length);
      this.#outputBytes += bytes.length;
      this.#output(request.to, bytes);
    }
    return expected.reply;
  }

  #diverged(
    icount: number,
    expected: ReplyToGive | undefined,
    found: string,
    digest: Digest,
  ): RequestDiverged {
    const wanted =
      expected === undefined
        ? 'no request'
        : `${expected.call} at ${expected.icount.toString()} (${expected.request})`;
    return new RequestDiverged({
      agreedAt: Math.min(icount, expected?.icount ?? icount),
      differsAt: icount,
      expectedBy: 'recording',
      foundBy: this.#foundBy,
      fields: [{ field: 'host request', expected: wanted, found: `${found} (${digest})` }],
      ...(expected !== undefined && { event: { revision: expected.revision, type: 'HostReplied' } }),
      summary:
        `at instruction ${icount.toString()} the guest asked the host for ${found}, ` +
        `where the recording has ${wanted}${expected === undefined ? '' : ` (event ${expected.revision.toString()})`}`,
    });
  }
}

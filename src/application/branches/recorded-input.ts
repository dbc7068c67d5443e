import type { Digest } from '../../domain/shared/digest.ts';
import type { Edit } from '../../domain/virtual-machine/edit.ts';
import type { HostReply } from '../ports/host-system.ts';
import type { ReplyToGive } from '../recording/replayed-host.ts';

/** What a parent was told from the fork on, asked for by question. */
export class RecordedInput {
  readonly #byQuestion = new Map<Digest, ReplyToGive[]>();
  readonly #last = new Map<Digest, HostReply>();
  readonly #stdin: ReplyToGive[] = [];
  #stdinRead: number;

  /** `stdinRead`: bytes of standard input that were read before. */
  constructor(replies: readonly ReplyToGive[], stdinRead: number) {
    this.#stdinRead = stdinRead;
    for (const reply of replies) {
      const same = this.#byQuestion.get(reply.request);
      if (reply.call === 'readStdin') this.#stdin.push(reply);
      else if (same === undefined) this.#byQuestion.set(reply.request, [reply]);
      else same.push(reply);
    }
  }

  /** The next reply to this very question, in the order in which they were given. */
  next(question: Digest): HostReply | undefined {
    const reply = this.#byQuestion.get(question)?.shift()?.reply;
    if (reply !== undefined) this.#last.set(question, reply);
    return reply;
  }

  /** The last reply that `next` gave to it. */
  last(question: Digest): HostReply | undefined {
    return this.#last.get(question);
  }

  /** Up to `length` bytes of what the parent read from standard input; undefined where it did not read on. */
  readStdin(length: number): HostReply | undefined {
    const [chunk] = this.#stdin;
    if (chunk === undefined) return undefined;
    const { reply } = chunk;
    const bytes = reply.ok ? (reply.bytes ?? new Uint8Array()) : undefined;
    // The end of input stays where it is.
    if (bytes?.length === 0) return reply;
    if (bytes === undefined || bytes.length <= length) this.#stdin.shift();
    else this.#stdin[0] = { ...chunk, reply: { ok: true, bytes: bytes.slice(length) } };
    if (bytes === undefined) return reply;
    const read = bytes.slice(0, length);
    this.#stdinRead += read.length;
    return { ok: true, bytes: read };
  }

  /** Whether an edit is of something that nobody has asked for yet. */
  isToCome(edit: Edit): boolean {
    if (edit.kind === 'stdin') return edit.offset >= this.#stdinRead;
    if (!('revision' in edit)) return false;
    return [this.#stdin, ...this.#byQuestion.values()].some((replies) =>
      replies.some(({ revision }) => revision === edit.revision),
    );
  }
}

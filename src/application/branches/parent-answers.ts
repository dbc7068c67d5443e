import type { HashFunction } from '../../domain/shared/digest.ts';
import type { OutputSink } from '../control.ts';
import type { HostReply, HostRequest, HostSystem } from '../ports/host-system.ts';
import { requestDigest } from '../recording/host-reply.ts';
import { type OpenFiles, placeOf } from './open-files.ts';
import type { RecordedInput } from './recorded-input.ts';
import type { FileEdits } from './file-edits.ts';

/** Thrown out of the guest when it asks what the parent was not told. */
export class UnansweredRequest extends Error {
  override readonly name = 'UnansweredRequest';
  readonly request: HostRequest;

  constructor(request: HostRequest) {
    super(`nothing answers ${request.call}`);
    this.request = request;
  }
}

/** Questions that change nothing: asked again, they have the same answer. */
const pure = new Set<HostRequest['call']>(['stat', 'fstat', 'readlink', 'list', 'read']);

export interface ParentAnswersParts {
  readonly input: RecordedInput;
  readonly edits: FileEdits;
  readonly files: Pick<OpenFiles, 'placeOf'>;
  readonly hash: HashFunction;
  readonly output: OutputSink;
}

/**
 * The outside of a branch: what its parent was told, and nothing else. Laws: the same question gets the reply that the parent
 * got, in the order of its replies; standard input is the bytes that the parent read, in whatever portions; what the guest
 * writes is taken; a file that was written otherwise than by the parent is not read from its recording; everything else is
 * unanswered. So a branch depends on its parent and its edits alone.
 */
export class ParentAnswers implements HostSystem {
  readonly #parts: ParentAnswersParts;
  /** Files written otherwise than by the parent; `undefined` stands for one that is not known. */
  readonly #changed = new Set<string | undefined>();

  constructor(parts: ParentAnswersParts) {
    this.#parts = parts;
  }

  perform(request: HostRequest): HostReply {
    const { input, edits, files, hash, output } = this.#parts;
    if (request.call === 'readStdin') {
      const read = input.readStdin(request.length);
      if (read === undefined) throw new UnansweredRequest(request);
      return read;
    }
    const question = requestDigest(request, hash);
    const recorded = input.next(question);
    if (request.call === 'writeOutput') {
      const reply = recorded ?? taken(request);
      if (reply.ok) output(request.to, request.bytes.subarray(0, reply.value ?? request.bytes.length));
      return reply;
    }
    if (recorded === undefined && request.call === 'write') {
      this.#changed.add(files.placeOf(request.handle));
      return taken(request);
    }
    if (recorded === undefined && request.call === 'close') return { ok: true };
    const reply = recorded ?? (pure.has(request.call) ? input.last(question) : undefined);
    if (reply === undefined || this.#concernsChanged(request)) throw new UnansweredRequest(request);
    if (request.call !== 'read' || !reply.ok || reply.bytes === undefined) return reply;
    return { ...reply, bytes: edits.apply(files.placeOf(request.handle), request.offset, reply.bytes) };
  }

  /** Whether the answer depends on contents that the parent's outside did not have. */
  #concernsChanged(request: HostRequest): boolean {
    if (this.#changed.size === 0 || request.call === 'close' || request.call === 'write') return false;
    if (this.#changed.has(undefined)) return true;
    if ('handle' in request) return this.#changed.has(this.#parts.files.placeOf(request.handle));
    return 'at' in request && this.#changed.has(placeOf(request.at));
  }
}

const taken = ({ bytes }: { readonly bytes: Uint8Array }): HostReply => ({ ok: true, value: bytes.length });

import type { HashFunction } from '../../domain/shared/digest.ts';
import type { OutputSink } from '../control.ts';
import type { HostReply, HostRequest, HostSystem } from '../ports/host-system.ts';
import { requestDigest } from '../recording/host-reply.ts';
import { type OpenFiles, placeOf } from './open-files.ts';
import type { RecordedInput } from './recorded-input.ts';
import type { FileEdits } from './file-edits.ts';
import type { RecordedFiles } from './recorded-files.ts';

/** Thrown out of the guest when it asks what the parent was not told. */
export class UnansweredRequest extends Error {
  override readonly name = 'UnansweredRequest';
  readonly request: HostRequest;

  /** `what`: what is asked for, in words. */
  constructor(request: HostRequest, what: string) {
    super(what);
    this.request = request;
  }
}

/** Questions that change nothing: asked again, they have the same answer. */
const pure = new Set<HostRequest['call']>(['stat', 'fstat', 'readlink', 'list', 'read']);

export interface ParentAnswersParts {
  readonly input: RecordedInput;
  readonly edits: FileEdits;
  readonly files: Pick<OpenFiles, 'placeOf'>;
  /** Files as the parent read them. */
  readonly known: Pick<RecordedFiles, 'read'>;
  readonly hash: HashFunction;
  readonly output: OutputSink;
}

/**
 * The outside of a branch: what its parent was told, and nothing else. Laws: the same question gets the reply that the parent
 * got, in the order of its replies; standard input and files are the bytes that the parent read, in whatever portions; what the guest
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
      if (read === undefined)
        throw new UnansweredRequest(request, 'standard input further than the parent read it');
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
    const reply =
      recorded ?? (pure.has(request.call) ? input.last(question) : undefined) ?? this.#known(request);
    if (this.#concernsChanged(request))
      throw new UnansweredRequest(
        request,
        `${this.#subject(request)}, which the branch has written otherwise`,
      );
    if (reply === undefined) throw new UnansweredRequest(request, this.#subject(request));
    if (request.call !== 'read' || !reply.ok || reply.bytes === undefined) return reply;
    return { ...reply, bytes: edits.apply(files.placeOf(request.handle), request.offset, reply.bytes) };
  }

  /** What the parent read of the file, in whatever portions. */
  #known(request: HostRequest): HostReply | undefined {
    const bytes = request.call === 'read' ? this.#parts.known.read(request) : undefined;
    return bytes && { ok: true, bytes };
  }

  #subject(request: HostRequest): string {
    const { call } = request;
    const place =
      'at' in request
        ? placeOf(request.at)
        : 'handle' in request
          ? this.#parts.files.placeOf(request.handle)
          : undefined;
    // A place begins with its mount's number.
    const file = place === undefined ? '' : ` of ${place.replace(/^\d+\//, '')} in a mounted directory`;
    return call === 'read'
      ? `${request.length} bytes at ${request.offset}${file || ' of a mounted file'}, not all of which the parent read`
      : `${call}${file}`;
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

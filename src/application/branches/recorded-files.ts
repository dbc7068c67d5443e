import type { HostReply, HostRequest, HostSystem } from '../ports/host-system.ts';
import { placeOf } from './open-files.ts';

/** What a recording has of one file. */
interface KnownFile {
  /** As they were read. */
  readonly pieces: { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Where it ends, once a read came there. */
  end: number | undefined;
  /** It was written, or read differently at different times: nothing is known of it. */
  changed: boolean;
}

/**
 * Files as a recording read them: a host that passes questions on and learns from the answers. Laws: handles are never given twice;
 * what it knows of a file holds at any time of the recording.
 */
export class RecordedFiles implements HostSystem {
  readonly #host: HostSystem;
  readonly #places = new Map<number, string>();
  readonly #files = new Map<string, KnownFile>();

  constructor(host: HostSystem) {
    this.#host = host;
  }

  perform(request: HostRequest): HostReply {
    const reply = this.#host.perform(request);
    if (!reply.ok) return reply;
    if (request.call === 'open' && reply.value !== undefined) {
      this.#places.set(reply.value, placeOf(request.at));
      if (request.truncate) this.#fileOf(reply.value).changed = true;
    }
    if (request.call === 'write' || request.call === 'truncate') this.#fileOf(request.handle).changed = true;
    if (request.call === 'rename' || request.call === 'remove')
      for (const file of this.#files.values()) file.changed = true;
    if (request.call === 'read') this.#learn(request, reply.bytes ?? new Uint8Array());
    return reply;
  }

  /** All of the bytes that such a read gives, which are fewer at the file’s end; undefined where not all are known. */
  read({ handle, offset, length }: Extract<HostRequest, { call: 'read' }>): Uint8Array | undefined {
    const { pieces, end = Infinity, changed } = this.#fileOf(handle);
    const until = Math.max(offset, Math.min(offset + length, end));
    if (changed || (until === offset && end > offset)) return undefined;
    const bytes = new Uint8Array(until - offset);
    for (let at = offset; at < until;) {
      const piece = pieces.find((known) => known.offset <= at && at < known.offset + known.bytes.length);
      if (piece === undefined) return undefined;
      const part = piece.bytes.subarray(at - piece.offset, until - piece.offset);
      bytes.set(part, at - offset);
      at += part.length;
    }
    return bytes;
  }

  #learn({ handle, offset, length }: Extract<HostRequest, { call: 'read' }>, bytes: Uint8Array): void {
    const file = this.#fileOf(handle);
    const known = this.read({ call: 'read', handle, offset, length });
    if (known?.every((byte, at) => byte === bytes[at]) && known.length === bytes.length) return;
    if (bytes.length < length) file.changed ||= file.end !== undefined && file.end !== offset + bytes.length;
    if (bytes.length < length) file.end = offset + bytes.length;
    file.changed ||= file.pieces.some((piece) => differs(piece, { offset, bytes }));
    if (bytes.length > 0) file.pieces.push({ offset, bytes });
  }

  #fileOf(handle: number): KnownFile {
    const place = this.#places.get(handle) ?? `handle ${handle}`;
    let file = this.#files.get(place);
    if (!file) this.#files.set(place, (file = { pieces: [], end: undefined, changed: false }));
    return file;
  }
}

type Piece = KnownFile['pieces'][number];

/** Whether two pieces have other bytes where they overlap. */
function differs(a: Piece, b: Piece): boolean {
  const from = Math.max(a.offset, b.offset);
  const until = Math.min(a.offset + a.bytes.length, b.offset + b.bytes.length);
  for (let at = from; at < until; at++) if (a.bytes[at - a.offset] !== b.bytes[at - b.offset]) return true;
  return false;
}

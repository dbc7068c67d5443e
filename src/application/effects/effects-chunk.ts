import { readBits } from './bit-runs.ts';
import { ByteReader } from '../recording/byte-stream.ts';
import { chunkFormat, type EffectKind, effectKinds, setBytes } from './chunk-format.ts';

/** Where a page's sets lie. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/** Registers by slot number, as masks. */
interface RegisterMasks {
  readonly read: bigint;
  readonly written: bigint;
}

/** A stored chunk, which is read page by page. */
export class EffectsChunk {
  readonly slices: number;
  readonly registers: readonly RegisterMasks[];
  readonly #bytes: Uint8Array;
  readonly #tables: Readonly<Record<EffectKind, ReadonlyMap<number, Place>>>;

  /** Throws RangeError for bytes that are no chunk. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const source = new ByteReader(bytes);
    const format = source.varint();
    if (format !== chunkFormat)
      throw new RangeError(`it has format ${format}, not ${chunkFormat}: another version made it`);
    this.slices = source.varint();
    this.registers = Array.from({ length: this.slices }, () => ({
      read: source.big(),
      written: source.big(),
    }));
    const [read, write, execute] = effectKinds.map(() => readTable(source));
    this.#tables = { read: read!, write: write!, execute: execute! };
  }

  /** The pages that have anything of a kind, ascending. */
  pages(kind: EffectKind): Iterable<number> {
    return this.#tables[kind].keys();
  }

  /** A page's sets by slice, undefined where a slice has none of this page. Throws RangeError. */
  sets(kind: EffectKind, page: number): readonly (Uint8Array | undefined)[] {
    const place = this.#tables[kind].get(page);
    if (place === undefined) return [];
    const source = new ByteReader(this.#bytes.subarray(0, place.at + place.length), place.at);
    const mask = source.varint();
    let before: Uint8Array | undefined;
    return Array.from({ length: this.slices }, (_, slice) => {
      if (Math.floor(mask / 2 ** slice) % 2 === 0) return undefined;
      return (before = readBits(source, setBytes[kind], before));
    });
  }
}

function readTable(source: ByteReader): ReadonlyMap<number, Place> {
  const directory = source.varint();
  const end = source.position + directory;
  const places = new Map<number, Place>();
  let page = 0;
  let at = end;
  for (let left = source.varint(); left > 0; left--) {
    page += source.varint();
    const length = source.varint();
    places.set(page, { at, length });
    at += length;
  }
  if (source.position !== end) throw new RangeError('a directory has another length than it says');
  source.raw(at - end);
  return places;
}

import type { ChunkIndexedData, IndexBegunData } from '../../domain/effects-index/events.ts';
import type { StateLayout } from '../../domain/ir/types.ts';
import { codeUnit, granuleSize } from '../ports/effects.ts';
import { pageSize } from '../ports/guest-memory.ts';
import type { AccessKind } from '../ports/stops.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { Stores } from '../recording/journal.ts';
import type { IndexedCheckpoint } from '../travel/recording-index.ts';
import type { Search, WatchedRange } from '../travel/travel.ts';
import type { EffectKind } from './chunk-format.ts';
import { EffectsChunk } from './effects-chunk.ts';
import type { KnownEffects, PlacedChunk } from './known-effects.ts';
import { effectsLog, recordingId } from './effects-log.ts';

/** Instants, from the first to before the last. */
export interface InstantRange {
  readonly from: number;
  readonly until: number;
}

interface IndexContents {
  readonly setup: IndexBegunData;
  readonly chunks: ReadonlyMap<number, ChunkIndexedData>;
}

const nothing: IndexContents = {
  setup: { recording: '', sliceLength: 1, chunkSlices: 1 },
  chunks: new Map(),
};

/** Chunks kept in memory. */
const keptChunks = 64;

/**
 * Where in a recording something may happen, as far as its index knows. Law: what happens, happens in one of the ranges that it
 * gives; where it knows nothing, for want of an index or because that is damaged, it gives everything.
 */
export class EffectsIndex implements KnownEffects {
  readonly damage: string[] = [];
  readonly #setup: IndexBegunData;
  readonly #chunks: ReadonlyMap<number, ChunkIndexedData>;
  readonly #stores: Stores;
  readonly #loaded = new Map<number, EffectsChunk>();
  readonly #lost = new Set<number>();

  private constructor({ setup, chunks }: IndexContents, stores: Stores) {
    this.#setup = setup;
    this.#chunks = chunks;
    this.#stores = stores;
  }

  /** The index of a recording, empty where there is none. Throws the stores' faults. */
  static async open(recording: string, stores: Stores): Promise<EffectsIndex> {
    const log = effectsLog(recording, stores.events, () => '');
    try {
      const state = await log.refresh();
      if (state.status === 'absent') return new EffectsIndex(nothing, stores);
      if (state.setup.recording === (await recordingId(recording, stores.events)))
        return new EffectsIndex(state, stores);
      return EffectsIndex.#unusable(
        `the index of ${recording} belongs to another recording; \`isochron index ${recording}\` makes one`,
        stores,
      );
    } catch (error) {
      if (!(error instanceof RecordingError && error.code === 'damaged-index')) throw error;
      return EffectsIndex.#unusable(error.message, stores);
    }
  }

  static #unusable(why: string, stores: Stores): EffectsIndex {
    const index = new EffectsIndex(nothing, stores);
    index.damage.push(why);
    return index;
  }

  get exists(): boolean {
    return this.#chunks.size > 0;
  }

  async *chunks(): AsyncGenerator<PlacedChunk, undefined> {
    const { sliceLength, chunkSlices } = this.#setup;
    for (const number of [...this.#chunks.keys()].sort((a, b) => a - b)) {
      const effects = await this.#chunk(number);
      if (effects) yield { from: number * sliceLength * chunkSlices, sliceLength, effects };
    }
  }

  /** States that it has stored, in order. */
  get states(): readonly IndexedCheckpoint[] {
    return [...this.#chunks.values()]
      .sort((a, b) => a.chunk - b.chunk)
      .flatMap(({ states }) => states.map((state) => ({ ...state, derived: true }) as const));
  }

  /** The ranges of `[from, until)` in which what is searched for may happen, the nearest first. */
  async *candidates(
    search: Search,
    layout: StateLayout,
    { from, until }: InstantRange,
    direction: 'forwards' | 'backwards',
  ): AsyncGenerator<InstantRange, undefined> {
    if ((search.events?.length ?? 0) > 0 || !this.exists) {
      if (from < until) yield { from, until };
      return;
    }
    const back = direction === 'backwards';
    const { sliceLength, chunkSlices } = this.#setup;
    const length = sliceLength * chunkSlices;
    const [first, last] = [Math.floor(from / length), Math.ceil(until / length) - 1];
    for (let step = 0; step <= last - first; step++) {
      const chunk = back ? last - step : first + step;
      const found = await this.#foundIn(chunk, search, layout);
      // A recording that has grown since has instants that the chunk does not know.
      const known = this.#chunks.get(chunk)?.until ?? 0;
      for (let slice = 0; slice < chunkSlices; slice++) {
        const begin = chunk * length + (back ? chunkSlices - 1 - slice : slice) * sliceLength;
        const range = { from: Math.max(from, begin), until: Math.min(until, begin + sliceLength) };
        if (range.from >= range.until) continue;
        if (found?.[(begin / sliceLength) % chunkSlices] !== false || range.until > known) yield range;
      }
    }
  }

  /** A chunk's effects; undefined where they are not known. */
  async #chunk(number: number): Promise<EffectsChunk | undefined> {
    const known = this.#loaded.get(number);
    const indexed = this.#chunks.get(number);
    if (known !== undefined || indexed === undefined || this.#lost.has(number)) return known;
    try {
      const chunk = new EffectsChunk(await this.#stores.blobs.get(indexed.content));
      if (this.#loaded.size >= keptChunks) this.#loaded.delete(this.#loaded.keys().next().value!);
      this.#loaded.set(number, chunk);
      return chunk;
    } catch (error) {
      this.#lose(number, error);
      return undefined;
    }
  }

  #lose(chunk: number, error: unknown): void {
    this.#lost.add(chunk);
    this.#loaded.delete(chunk);
    this.damage.push(
      `chunk ${chunk} of the index: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  /** For each slice of a chunk, whether it may happen there; undefined where that is not known. */
  async #foundIn(
    number: number,
    search: Search,
    layout: StateLayout,
  ): Promise<readonly boolean[] | undefined> {
    const chunk = await this.#chunk(number);
    if (chunk === undefined) return undefined;
    try {
      return foundIn(chunk, search, layout);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#lose(number, error);
      return undefined;
    }
  }
}

/** For each slice, whether any part of a search may happen in it. Throws RangeError. */
function foundIn(chunk: EffectsChunk, search: Search, layout: StateLayout): readonly boolean[] {
  const found = Array.from({ length: chunk.slices }, () => false);
  for (const range of search.memory ?? [])
    for (const kind of kindsOf(range.access)) addUses(chunk, kind, range, granuleSize, found);
  for (const address of search.breakpoints ?? [])
    addUses(chunk, 'execute', { address, length: 1 }, codeUnit, found);
  const slots = [...layout.slots.keys()];
  for (const { register, access } of search.registers ?? []) {
    const bit = 1n << BigInt(slots.indexOf(register));
    chunk.registers.forEach(({ read, written }, slice) => {
      const used = (access === 'write' ? 0n : read) | (access === 'read' ? 0n : written);
      if (used & bit) found[slice] = true;
    });
  }
  return found;
}

const kindsOf = (access: AccessKind | 'any'): readonly AccessKind[] =>
  access === 'any' ? ['read', 'write'] : [access];

function addUses(
  chunk: EffectsChunk,
  kind: EffectKind,
  { address, length }: Pick<WatchedRange, 'address' | 'length'>,
  unit: number,
  found: boolean[],
): void {
  const [first, last] = [Number(address), Number(address) + length - 1];
  for (const page of pagesIn(chunk, kind, Math.floor(first / pageSize), Math.floor(last / pageSize))) {
    const from = Math.floor(Math.max(0, first - page * pageSize) / unit);
    const to = Math.floor(Math.min(pageSize - 1, last - page * pageSize) / unit);
    chunk.sets(kind, page).forEach((set, slice) => {
      if (set !== undefined && found[slice] !== true) found[slice] = anyBit(set, from, to);
    });
  }
}

/** The pages of a long range that a chunk has, or all of a short one. */
function pagesIn(chunk: EffectsChunk, kind: EffectKind, first: number, last: number): Iterable<number> {
  if (last - first < 64) return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return [...chunk.pages(kind)].filter((page) => page >= first && page <= last);
}

function anyBit(set: Uint8Array, from: number, to: number): boolean {
  for (let bit = from; bit <= to; bit++) if ((set[bit >> 3]! >> (bit & 7)) & 1) return true;
  return false;
}

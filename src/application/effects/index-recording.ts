import type { ChunkIndexedData, IndexBegunData, IndexedState } from '../../domain/effects-index/events.ts';
import { missingChunks } from '../../domain/effects-index/effects-index.ts';
import type { Effects, MarkingGuests } from '../ports/effects.ts';
import type { Control } from '../control.ts';
import type { IndexRequest, IndexResult } from './index-request.ts';
import type { ReplayParts } from '../recording/replayer.ts';
import { TimeMachine } from '../travel/time-machine.ts';
import { encodeChunk } from './chunk-format.ts';
import { EffectsChunk } from './effects-chunk.ts';
import { type EffectsLog, effectsLog, indexSetup } from './effects-log.ts';
import { StateKeeper } from './state-keeper.ts';

export interface IndexingParts extends ReplayParts {
  readonly newId: () => string;
  /** Guests that mark what they do. */
  readonly marking: () => MarkingGuests;
}

/** Indexes the effects of whatever of a recording is not indexed yet. Throws RecordingError, and the stores' faults. */
export async function indexRecording(request: IndexRequest, parts: IndexingParts): Promise<IndexResult> {
  const { recording, part, chunks, signal } = request;
  const { stores } = parts;
  const log = effectsLog(recording, stores.events, parts.newId);
  const setup = await indexSetup(recording, await log.refresh(), stores.events, request.sliceLength);
  await log.decide(() => ({ type: 'BeginIndex', setup }));
  const marking = parts.marking();
  const time = await TimeMachine.open(recording, marking.guests.engines[0]!, {
    ...parts,
    guests: marking.guests,
  });
  const { icount } = time.index;
  const indexer = new ChunkIndexer(time, setup, marking, parts, request);
  const inPart = partOf(Math.ceil(icount / chunkLength(setup)), part);
  const { from, until } = chunks ?? { from: 0, until: Infinity };
  const mine = (chunk: number): boolean => inPart(chunk) && chunk >= from && chunk < until;
  const damage = await loseDamaged(log, mine, parts);
  let made = 0;
  const reach =
    request.whole === true ? Math.floor(icount / chunkLength(setup)) * chunkLength(setup) : icount;
  for (const chunk of missingChunks(log.state, reach).filter(mine)) {
    const indexed = await indexer.index(chunk);
    if (indexed === undefined || signal?.aborted === true) break;
    await log.decide(() => ({ type: 'RecordChunk', setup, chunk: indexed }));
    made++;
  }
  const state = await log.refresh();
  const known = state.status === 'absent' ? [] : [...state.chunks.values()];
  return {
    recording,
    icount,
    indexed: known.reduce((sum, { chunk, until }) => sum + until - chunk * chunkLength(setup), 0),
    made,
    chunks: known.length,
    bytes: known.reduce((sum, { size }) => sum + size, 0),
    states: known.reduce((sum, { states }) => sum + states.length, 0),
    damage,
  };
}

const chunkLength = ({ sliceLength, chunkSlices }: IndexBegunData): number => sliceLength * chunkSlices;

/** Which of so many chunks belong to a part: neighbours, for going to where one begins takes time. */
function partOf(chunks: number, part: IndexRequest['part']): (chunk: number) => boolean {
  if (part === undefined) return () => true;
  const bound = (parts: number): number => Math.round((chunks * parts) / part.of);
  return (chunk) => chunk >= bound(part.index) && chunk < bound(part.index + 1);
}

/** Has chunks whose blobs are missing or damaged forgotten; gives what was wrong. */
async function loseDamaged(
  log: EffectsLog,
  mine: (chunk: number) => boolean,
  { stores }: IndexingParts,
): Promise<readonly string[]> {
  const { state } = log;
  const damage: string[] = [];
  for (const { chunk, content } of state.status === 'absent' ? [] : state.chunks.values()) {
    if (!mine(chunk)) continue;
    try {
      new EffectsChunk(await stores.blobs.get(content));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      damage.push(`chunk ${chunk}: ${reason}`);
      await log.decide(() => ({ type: 'LoseChunk', lost: { chunk, content, reason } }));
    }
  }
  return damage;
}

/** Replays chunks and stores their effects. */
class ChunkIndexer {
  readonly #time: TimeMachine;
  readonly #setup: IndexBegunData;
  readonly #marking: MarkingGuests;
  readonly #parts: IndexingParts;
  readonly #control: Control;
  readonly #keeper: StateKeeper;

  constructor(
    time: TimeMachine,
    setup: IndexBegunData,
    marking: MarkingGuests,
    parts: IndexingParts,
    control: Control,
  ) {
    this.#time = time;
    this.#setup = setup;
    this.#marking = marking;
    this.#parts = parts;
    this.#control = control;
    this.#keeper = new StateKeeper(parts.hash, parts.stores.blobs);
  }

  /** Undefined where `signal` aborted first. */
  async index(chunk: number): Promise<ChunkIndexedData | undefined> {
    const { machine, index } = this.#time;
    const { signal, onProgress } = this.#control;
    const { sliceLength } = this.#setup;
    const begin = chunk * chunkLength(this.#setup);
    const end = Math.min(index.icount, begin + chunkLength(this.#setup));
    if (machine.icount !== begin) {
      await this.#time.goTo(begin, { signal });
      this.#keeper.begin(begin);
    }
    // What was done on the way here is not wanted.
    this.#marking.take();
    const slices: Effects[] = [];
    const states: IndexedState[] = [];
    for (let at = begin; at < end; at += sliceLength) {
      await this.#time.run(Math.min(end, at + sliceLength), signal);
      if (signal?.aborted === true) return undefined;
      slices.push(this.#marking.take());
      const state = await this.#keeper.keep(this.#time);
      if (state !== undefined) states.push(state);
      onProgress?.({ icount: machine.icount, total: index.icount });
    }
    const content = encodeChunk(slices);
    const { blobs } = this.#parts.stores;
    return { chunk, until: end, content: await blobs.put(content), size: content.length, states };
  }
}

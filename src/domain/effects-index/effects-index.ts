import type { Decider } from '../shared/decider.ts';
import { ok, refuse } from '../shared/result.ts';
import type { ChunkIndexedData, ChunkLostData, EffectsIndexEvent, IndexBegunData } from './events.ts';

/**
 * The EffectsIndex aggregate. Laws: an index that is begun again, for another recording or in another division, is empty; a chunk
 * that is indexed again has what was found last, and reaches no less far than before; only a chunk that has the lost content is lost.
 */
export type EffectsIndexState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'begun';
      readonly setup: IndexBegunData;
      /** By number. */
      readonly chunks: ReadonlyMap<number, ChunkIndexedData>;
    };

export type EffectsIndexCommand =
  | { readonly type: 'BeginIndex'; readonly setup: IndexBegunData }
  | { readonly type: 'RecordChunk'; readonly setup: IndexBegunData; readonly chunk: ChunkIndexedData }
  | { readonly type: 'LoseChunk'; readonly lost: ChunkLostData };

export type EffectsIndexRefusal = { readonly reason: 'other-index' | 'no-such-instants' };

export const effectsIndex: Decider<
  EffectsIndexCommand,
  EffectsIndexState,
  EffectsIndexEvent,
  EffectsIndexRefusal
> = {
  initial: { status: 'absent' },
  decide(command, state) {
    switch (command.type) {
      case 'BeginIndex':
        if (isOf(state, command.setup)) return ok([]);
        return ok([{ type: 'IndexBegun', version: 1, data: command.setup }]);
      case 'RecordChunk': {
        const { setup, chunk } = command;
        if (state.status === 'absent' || !isOf(state, setup)) return refuse({ reason: 'other-index' });
        const length = setup.sliceLength * setup.chunkSlices;
        const begin = chunk.chunk * length;
        if (chunk.until <= begin || chunk.until > begin + length)
          return refuse({ reason: 'no-such-instants' });
        const known = state.chunks.get(chunk.chunk);
        if (known !== undefined && known.until >= chunk.until) return ok([]);
        return ok([{ type: 'ChunkIndexed', version: 1, data: chunk }]);
      }
      case 'LoseChunk': {
        const { lost } = command;
        const known = state.status === 'begun' ? state.chunks.get(lost.chunk) : undefined;
        return ok(known?.content === lost.content ? [{ type: 'ChunkLost', version: 1, data: lost }] : []);
      }
    }
  },
  evolve(state, event) {
    if (event.type === 'IndexBegun') return { status: 'begun', setup: event.data, chunks: new Map() };
    if (state.status === 'absent') return state;
    const chunks = new Map(state.chunks);
    if (event.type === 'ChunkIndexed') chunks.set(event.data.chunk, event.data);
    else if (chunks.get(event.data.chunk)?.content === event.data.content) chunks.delete(event.data.chunk);
    return { ...state, chunks };
  },
};

function isOf(state: EffectsIndexState, { recording, sliceLength, chunkSlices }: IndexBegunData): boolean {
  if (state.status === 'absent') return false;
  const { setup } = state;
  return (
    setup.recording === recording && setup.sliceLength === sliceLength && setup.chunkSlices === chunkSlices
  );
}

/** The chunks of a recording of `icount` instructions whose effects are not known, or not all, ascending. */
export function missingChunks(state: EffectsIndexState, icount: number): readonly number[] {
  if (state.status === 'absent') return [];
  const length = state.setup.sliceLength * state.setup.chunkSlices;
  return Array.from({ length: Math.ceil(icount / length) }, (_, chunk) => chunk).filter(
    (chunk) => (state.chunks.get(chunk)?.until ?? 0) < Math.min(icount, (chunk + 1) * length),
  );
}

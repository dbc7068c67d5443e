import { type EffectKind, effectKinds } from './chunk-format.ts';
import type { KnownEffects } from './known-effects.ts';

/** How much of a page was used over time. */
export interface PageHeat {
  readonly page: number;
  /** For each interval, how many of its granules (code units, where executed) were used in its slices, summed. */
  readonly over: readonly number[];
  /** The sum of all intervals. */
  readonly total: number;
  /** Slices in which the page was used. */
  readonly slices: number;
}

export interface Heat {
  /** Where the intervals begin, and where the last one ends. */
  readonly bounds: readonly number[];
  readonly pages: Readonly<Record<EffectKind, readonly PageHeat[]>>;
}

/** How the use of memory is spread over pages, and over so many intervals of `[0, until)`; the hottest pages first. */
export async function heatOf(effects: KnownEffects, until: number, intervals: number): Promise<Heat> {
  const bounds = Array.from({ length: intervals + 1 }, (_, at) => Math.round((until * at) / intervals));
  const found = { read: new Map(), write: new Map(), execute: new Map() } as Record<
    EffectKind,
    Map<number, { over: number[]; slices: number }>
  >;
  for await (const { from, sliceLength, effects: chunk } of effects.chunks())
    for (const kind of effectKinds)
      for (const page of chunk.pages(kind))
        chunk.sets(kind, page).forEach((set, slice) => {
          if (set === undefined) return;
          const at = from + slice * sliceLength;
          const interval = Math.min(intervals - 1, Math.floor((at * intervals) / until));
          let heat = found[kind].get(page);
          if (!heat) found[kind].set(page, (heat = { over: bounds.slice(1).map(() => 0), slices: 0 }));
          heat.over[interval] = heat.over[interval]! + bitsIn(set);
          heat.slices++;
        });
  const ranked = (kind: EffectKind): readonly PageHeat[] =>
    [...found[kind]]
      .map(([page, { over, slices }]) => ({ page, over, slices, total: over.reduce((a, b) => a + b, 0) }))
      .sort((a, b) => b.total - a.total || a.page - b.page);
  return { bounds, pages: { read: ranked('read'), write: ranked('write'), execute: ranked('execute') } };
}

function bitsIn(set: Uint8Array): number {
  let count = 0;
  for (const byte of set) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

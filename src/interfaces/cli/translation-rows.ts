import type {
  LookupStatistics,
  TierStatistics,
  TranslationStatistics,
} from '../../domain/translation-cache/statistics.ts';
import { bytesText, grouped, plural } from './tables.ts';

/** The rows of a table that tell what the translation caches did. */
export function translationRows(statistics: TranslationStatistics): readonly (readonly [string, string])[] {
  const { translatedBlocks, translatedInstructions, invalidatedBlocks, entries, capacity, lookups } =
    statistics;
  return [
    [
      'translated',
      `${plural(translatedBlocks, 'block')}, ${plural(translatedInstructions, 'instruction')}, ${grouped(invalidatedBlocks)} invalidated`,
    ],
    ['cold code', `${plural(entries.interpreter, 'block')} in ${bytesText(capacity.threadedBytes)}`],
    ['', tierText(statistics.tiers.interpreter)],
    ['hot code', `${plural(entries.region, 'region')} of ${grouped(capacity.regions)}`],
    ['', tierText(statistics.tiers.region)],
    ['kept by earlier runs', restoredText(statistics.restored)],
    ['lookups by address', lookupText(lookups.address)],
    ['of results', lookupText(lookups.result)],
    ['of register maps', lookupText(lookups.registerMap)],
    ['overall', lookupText(lookups.overall)],
  ];
}

const tierText = ({ translations, invalidated, evicted, time }: TierStatistics): string =>
  `${plural(translations, 'translation')} (mean ${micros(time.mean)}, p99 ${micros(time.p99)}, in all ${micros(time.total)}), ${grouped(invalidated)} invalidated, ${grouped(evicted)} evicted`;

const restoredText = ({ regions, optimised, time }: TranslationStatistics['restored']): string =>
  regions === 0
    ? 'none'
    : `${plural(regions, 'region')}, ${grouped(optimised)} optimised (in all ${micros(time)})`;

const lookupText = ({ hits, misses, hitRate }: LookupStatistics): string =>
  hitRate === undefined
    ? 'none'
    : `${(100 * hitRate).toFixed(1)} % hits (${plural(hits, 'hit')}, ${grouped(misses)} ${misses === 1 ? 'miss' : 'misses'})`;

function micros(value: number): string {
  if (value < 1000) return `${value.toFixed(value < 10 ? 1 : 0)} µs`;
  return value < 1e6 ? `${(value / 1000).toFixed(1)} ms` : `${(value / 1e6).toFixed(2)} s`;
}

import { describe, expect, test } from '@jest/globals';
import { fold } from '../shared/decider.ts';
import { asDigest } from '../shared/digest.ts';
import {
  type EffectsIndexCommand,
  type EffectsIndexState,
  effectsIndex,
  missingChunks,
} from './effects-index.ts';
import type { ChunkIndexedData, EffectsIndexEvent } from './events.ts';

const setup = { recording: 'id', sliceLength: 100, chunkSlices: 4 };
const content = (digit: string) => asDigest(digit.repeat(64));
const chunk = (number: number, until: number, digit = 'a'): ChunkIndexedData => ({
  chunk: number,
  until,
  content: content(digit),
  size: 10,
  states: [],
});
const begin: EffectsIndexCommand = { type: 'BeginIndex', setup };
const record = (data: ChunkIndexedData): EffectsIndexCommand => ({
  type: 'RecordChunk',
  setup,
  chunk: data,
});

function given(...commands: EffectsIndexCommand[]): EffectsIndexState {
  const events: EffectsIndexEvent[] = [];
  for (const command of commands) {
    const decided = effectsIndex.decide(command, fold(effectsIndex, events));
    if (!decided.ok) throw new Error(decided.error.reason);
    events.push(...decided.value);
  }
  return fold(effectsIndex, events);
}

describe('an effects index', () => {
  test('lacks every chunk at first, and none that reaches as far as the recording', () => {
    expect(missingChunks(given(begin), 950)).toEqual([0, 1, 2]);
    const known = given(begin, record(chunk(0, 400)), record(chunk(2, 950)));
    expect(missingChunks(known, 950)).toEqual([1]);
    expect(missingChunks(known, 1000)).toEqual([1, 2]);
  });

  test('is empty again for another recording or division', () => {
    const known = given(begin, record(chunk(0, 400)));
    expect(effectsIndex.decide(begin, known)).toEqual({ ok: true, value: [] });
    for (const other of [
      { ...setup, recording: 'other' },
      { ...setup, sliceLength: 50 },
    ]) {
      const again = given(begin, record(chunk(0, 400)), { type: 'BeginIndex', setup: other });
      expect(again).toEqual({ status: 'begun', setup: other, chunks: new Map() });
      const late = effectsIndex.decide(record(chunk(1, 800)), again);
      expect(late).toEqual({ ok: false, error: { reason: 'other-index' } });
    }
  });

  test('takes a chunk again only when it reaches further', () => {
    const known = given(begin, record(chunk(0, 300)));
    expect(effectsIndex.decide(record(chunk(0, 300, 'b')), known)).toEqual({ ok: true, value: [] });
    const further = given(begin, record(chunk(0, 300)), record(chunk(0, 400, 'b')));
    expect(further).toMatchObject({ chunks: new Map([[0, chunk(0, 400, 'b')]]) });
  });

  test.each([
    [0, 401],
    [1, 400],
  ])('refuses chunk %d up to %d', (number, until) => {
    const decided = effectsIndex.decide(record(chunk(number, until)), given(begin));
    expect(decided).toEqual({ ok: false, error: { reason: 'no-such-instants' } });
  });

  test('loses the content that was lost, and no other', () => {
    const lose = (digit: string): EffectsIndexCommand => ({
      type: 'LoseChunk',
      lost: { chunk: 0, content: content(digit), reason: 'missing' },
    });
    const known = [begin, record(chunk(0, 400))];
    expect(missingChunks(given(...known, lose('b')), 400)).toEqual([]);
    expect(missingChunks(given(...known, lose('a')), 400)).toEqual([0]);
  });
});

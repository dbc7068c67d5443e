import { describe, expect, test } from '@jest/globals';
import { fold } from '../shared/decider.ts';
import { consumerGroup, type ConsumerGroupCommand } from './consumer-group.ts';
import type { ConsumerGroupEvent } from './events.ts';

const claimed = (event: number, consumer: string, until: number, retries = 0): ConsumerGroupEvent => ({
  type: 'EventClaimed',
  version: 1,
  data: { event, consumer, until, retries },
});
const acknowledged = (event: number, consumer: string): ConsumerGroupEvent => ({
  type: 'EventAcknowledged',
  version: 1,
  data: { event, consumer },
});
const returned = (event: number, consumer: string): ConsumerGroupEvent => ({
  type: 'EventReturned',
  version: 1,
  data: { event, consumer, reason: 'busy' },
});
const parked = (event: number): ConsumerGroupEvent => ({
  type: 'EventParked',
  version: 1,
  data: { event, reason: 'bad' },
});

const claim = (consumer: string, now: number, length = 3): ConsumerGroupCommand => ({
  type: 'ClaimEvent',
  length,
  consumer,
  now,
  until: now + 10,
  mostRetries: 1,
});

const given = (...events: readonly ConsumerGroupEvent[]) => ({
  when: (command: ConsumerGroupCommand) => consumerGroup.decide(command, fold(consumerGroup, events)),
});

describe('a consumer group', () => {
  test('gives the first event that is with nobody', () => {
    expect(given().when(claim('a', 0))).toEqual({ ok: true, value: [claimed(0, 'a', 10)] });
    expect(given(claimed(0, 'a', 10)).when(claim('b', 5))).toEqual({
      ok: true,
      value: [claimed(1, 'b', 15)],
    });
    expect(given(claimed(0, 'a', 10), acknowledged(0, 'a')).when(claim('b', 5))).toMatchObject({
      value: [claimed(1, 'b', 15)],
    });
  });

  test('says when to ask again', () => {
    const all = given(claimed(0, 'a', 10), claimed(1, 'b', 8), claimed(2, 'c', 12));
    expect(all.when(claim('d', 5))).toEqual({
      ok: false,
      error: { reason: 'nothing-to-claim', next: 8 },
    });
    expect(given().when(claim('a', 0, 0))).toEqual({
      ok: false,
      error: { reason: 'nothing-to-claim', next: undefined },
    });
  });

  test('gives a lapsed or returned event again, counting', () => {
    expect(given(claimed(0, 'a', 10)).when(claim('b', 10))).toMatchObject({
      value: [claimed(0, 'b', 20, 1)],
    });
    expect(given(claimed(0, 'a', 10), returned(0, 'a')).when(claim('b', 1))).toMatchObject({
      value: [claimed(0, 'b', 11, 1)],
    });
  });

  test('parks what was given too often, and goes on with the next', () => {
    const tried = given(claimed(0, 'a', 10), returned(0, 'a'), claimed(0, 'a', 10, 1), returned(0, 'a'));
    expect(tried.when(claim('b', 1))).toMatchObject({
      ok: true,
      value: [
        { type: 'EventParked', data: { event: 0, reason: 'handed out 2 times without being acknowledged' } },
        claimed(1, 'b', 11),
      ],
    });
  });

  test('lets only the consumer that has an event say what became of it', () => {
    const lapsed = given(claimed(0, 'a', 10), claimed(0, 'b', 20, 1));
    expect(lapsed.when({ type: 'AcknowledgeEvent', event: 0, consumer: 'a' })).toEqual({
      ok: false,
      error: { reason: 'not-claimed' },
    });
    expect(lapsed.when({ type: 'AcknowledgeEvent', event: 0, consumer: 'b' })).toEqual({
      ok: true,
      value: [acknowledged(0, 'b')],
    });
    expect(lapsed.when({ type: 'RenewClaim', event: 0, consumer: 'a', until: 99 })).toMatchObject({
      ok: false,
    });
  });

  test('hands out parked events again when asked, as if for the first time', () => {
    const settled = given(claimed(0, 'a', 10), parked(0), claimed(1, 'a', 10), acknowledged(1, 'a'));
    expect(settled.when(claim('b', 1, 2))).toMatchObject({ ok: false });
    const unparked = settled.when({ type: 'UnparkEvents' });
    expect(unparked).toEqual({
      ok: true,
      value: [{ type: 'EventUnparked', version: 1, data: { event: 0 } }],
    });
    const again = given(claimed(0, 'a', 10), parked(0), ...(unparked.ok ? unparked.value : []));
    expect(again.when(claim('b', 1, 2))).toMatchObject({ value: [claimed(0, 'b', 11)] });
    expect(again.when({ type: 'UnparkEvents' })).toEqual({ ok: true, value: [] });
  });

  test('forgets the settled ones', () => {
    const state = fold(consumerGroup, [
      claimed(0, 'a', 10),
      claimed(1, 'b', 10),
      acknowledged(1, 'b'),
      acknowledged(0, 'a'),
    ]);
    expect(state).toMatchObject({ settledBelow: 2 });
    expect(state.items.size).toBe(0);
  });
});

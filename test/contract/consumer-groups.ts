import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConsumerGroups, Delivery } from '../../src/application/ports/consumer-groups.ts';
import type { EventStore } from '../../src/application/ports/event-store.ts';
import { event } from './event-store.ts';

export interface GroupsUnderTest {
  readonly events: EventStore;
  readonly groups: ConsumerGroups;
  /** As another process would have them. */
  readonly another: () => Promise<ConsumerGroups>;
  /** How long a consumer without a sign of life keeps its event, where only time tells, ms. */
  readonly patience: number;
  readonly dispose: () => Promise<void>;
}

const settings = (patience: number) => ({ patience, mostRetries: 3 });
/** Long enough for a consumer on a busy machine, ms. */
const unhurried = 30_000;

/** What every adapter of ConsumerGroups does. */
export const consumerGroupsContract = (name: string, open: () => Promise<GroupsUnderTest>): void => {
  describe(`the consumer groups contract, ${name}`, () => {
    let tested: GroupsUnderTest;
    beforeEach(async () => {
      tested = await open();
    });
    afterEach(async () => {
      await tested.dispose();
    });

    const offer = async (ids: readonly string[]): Promise<void> => {
      await tested.events.append(
        'work',
        'any',
        ids.map((id) => event({ id }, id)),
      );
    };

    /** Consumes until `work` says that it is enough. */
    const consume = async (
      groups: ConsumerGroups,
      work: (delivery: Delivery) => Promise<boolean>,
      group = 'workers',
    ): Promise<void> => {
      const enough = new AbortController();
      for await (const delivery of groups.consume('work', group, settings(tested.patience), enough.signal))
        if (await work(delivery)) enough.abort();
    };

    test('hands each event to one of several consumers', async () => {
      const ids = Array.from({ length: 30 }, (_, index) => String(index));
      await offer(ids);
      const done: string[] = [];
      const others = [tested.groups, await tested.another(), await tested.another()];
      const stop = new AbortController();
      await Promise.all(
        others.map(async (groups) => {
          for await (const one of groups.consume('work', 'workers', settings(unhurried), stop.signal)) {
            await new Promise((resolve) => setTimeout(resolve, 2));
            done.push(one.event.id);
            await one.acknowledge();
            if (done.length === ids.length) stop.abort();
          }
        }),
      );
      expect(done.sort()).toEqual([...ids].sort());
    });

    test('gives events as they are appended, also to a stream that is new', async () => {
      const seen: string[] = [];
      const consuming = consume(tested.groups, async (delivery) => {
        seen.push(delivery.event.id);
        expect(delivery.event).toMatchObject({ stream: 'work', data: { id: delivery.event.id }, version: 1 });
        await delivery.acknowledge();
        return seen.length === 2;
      });
      await offer(['a']);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await offer(['b']);
      await consuming;
      expect(seen).toEqual(['a', 'b']);
    });

    test('goes on behind what was acknowledged, for each group by itself', async () => {
      await offer(['a', 'b', 'c']);
      const seen: string[] = [];
      await consume(tested.groups, async (delivery) => {
        seen.push(delivery.event.id);
        await delivery.acknowledge();
        return seen.length === 2;
      });
      await consume(await tested.another(), async (delivery) => {
        seen.push(delivery.event.id);
        await delivery.acknowledge();
        return true;
      });
      await consume(
        tested.groups,
        async (delivery) => {
          seen.push(`other ${delivery.event.id}`);
          await delivery.acknowledge();
          return true;
        },
        'others',
      );
      expect(seen).toEqual(['a', 'b', 'c', 'other a']);
    });

    test('hands out again what was given back, and parks what is given back too often', async () => {
      await offer(['bad', 'good']);
      const seen: string[] = [];
      await consume(tested.groups, async (delivery) => {
        seen.push(`${delivery.event.id} ${String(delivery.retries)}`);
        if (delivery.event.id === 'bad') await delivery.giveBack('it is bad');
        else await delivery.acknowledge();
        return seen.length === 5;
      });
      expect([...seen].sort()).toEqual(['bad 0', 'bad 1', 'bad 2', 'bad 3', 'good 0']);
      await offer(['next']);
      await consume(tested.groups, async (delivery) => {
        expect(delivery.event.id).toBe('next');
        await delivery.acknowledge();
        return true;
      });
      const parked = await tested.groups.parked('work', 'workers');
      expect(parked.map(({ event: { id } }) => id)).toEqual(['bad']);
    });

    test('parks what it is told to, and hands it out again when asked', async () => {
      await offer(['a']);
      await consume(tested.groups, async (delivery) => {
        await delivery.park('not today');
        return true;
      });
      const parked = await tested.groups.parked('work', 'workers');
      expect(parked).toMatchObject([{ event: { id: 'a', data: { id: 'a' } }, reason: 'not today' }]);
      expect(await tested.groups.unpark('work', 'workers')).toBe(1);
      await consume(tested.groups, async (delivery) => {
        expect(delivery).toMatchObject({ event: { id: 'a' }, retries: 0 });
        await delivery.acknowledge();
        return true;
      });
      expect(await tested.groups.parked('work', 'workers')).toEqual([]);
      expect(await tested.groups.unpark('work', 'workers')).toBe(0);
    });

    test('hands out again what a consumer had that left', async () => {
      await offer(['a']);
      await consume(tested.groups, () => Promise.resolve(true));
      await consume(await tested.another(), async (delivery) => {
        expect(delivery).toMatchObject({ event: { id: 'a' }, retries: 1 });
        await delivery.acknowledge();
        return true;
      });
    });

    test('leaves an event with a consumer that works for long', async () => {
      await offer(['a', 'b']);
      const seen: string[] = [];
      const stop = new AbortController();
      const other = await tested.another();
      const work = async (groups: ConsumerGroups, pause: number): Promise<void> => {
        for await (const one of groups.consume('work', 'workers', settings(tested.patience), stop.signal)) {
          seen.push(one.event.id);
          await new Promise((resolve) => setTimeout(resolve, pause));
          await one.acknowledge();
          if (one.event.id === 'a') stop.abort();
        }
      };
      await Promise.all([work(tested.groups, tested.patience * 4), work(other, tested.patience * 4)]);
      expect(seen.sort()).toEqual(['a', 'b']);
    });
  });
};

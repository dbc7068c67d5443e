import type { Decider } from '../shared/decider.ts';
import { ok, refuse, type Result } from '../shared/result.ts';
import type { ConsumerGroupEvent } from './events.ts';

/**
 * The ConsumerGroup aggregate. Laws: an event is with at most one consumer at a time; it is handed out until it is
 * acknowledged or parked, and never after that (but for an unparked one); an event that was handed out too often without
 * being acknowledged is parked instead of being handed out again.
 */
export interface ConsumerGroupState {
  /** Every event of the shared stream before this one is acknowledged or parked. */
  readonly settledBelow: number;
  /** What happened to the others, as far as anything did. */
  readonly items: ReadonlyMap<number, Item>;
  readonly parked: ReadonlyMap<number, string>;
}

export type Item =
  | {
      readonly status: 'claimed';
      readonly consumer: string;
      readonly until: number;
      readonly retries: number;
    }
  | { readonly status: 'returned'; readonly retries: number }
  | { readonly status: 'settled' };

export type ConsumerGroupCommand =
  /** `length`: how many events the shared stream has. */
  | {
      readonly type: 'ClaimEvent';
      readonly length: number;
      readonly consumer: string;
      readonly now: number;
      readonly until: number;
      readonly mostRetries: number;
    }
  | { readonly type: 'RenewClaim'; readonly event: number; readonly consumer: string; readonly until: number }
  | { readonly type: 'AcknowledgeEvent'; readonly event: number; readonly consumer: string }
  | {
      readonly type: 'ReturnEvent' | 'ParkEvent';
      readonly event: number;
      readonly consumer: string;
      readonly reason: string;
    }
  | { readonly type: 'UnparkEvents' };

export type ConsumerGroupRefusal =
  | {
      readonly reason: 'nothing-to-claim';
      /** When a claim ends; undefined when there is none. */ readonly next: number | undefined;
    }
  | { readonly reason: 'not-claimed' };

type Decision = Result<readonly ConsumerGroupEvent[], ConsumerGroupRefusal>;

export const consumerGroup: Decider<
  ConsumerGroupCommand,
  ConsumerGroupState,
  ConsumerGroupEvent,
  ConsumerGroupRefusal
> = {
  initial: { settledBelow: 0, items: new Map(), parked: new Map() },
  decide(command, state) {
    if (command.type === 'ClaimEvent') return claim(command, state);
    if (command.type === 'UnparkEvents')
      return ok(
        [...state.parked.keys()].map((event) => ({ type: 'EventUnparked', version: 1, data: { event } })),
      );
    const { event, consumer } = command;
    const item = state.items.get(event);
    if (item?.status !== 'claimed' || item.consumer !== consumer) return refuse({ reason: 'not-claimed' });
    switch (command.type) {
      case 'RenewClaim':
        return ok([{ type: 'ClaimRenewed', version: 1, data: { event, consumer, until: command.until } }]);
      case 'AcknowledgeEvent':
        return ok([{ type: 'EventAcknowledged', version: 1, data: { event, consumer } }]);
      case 'ReturnEvent':
        return ok([{ type: 'EventReturned', version: 1, data: { event, consumer, reason: command.reason } }]);
      case 'ParkEvent':
        return ok([{ type: 'EventParked', version: 1, data: { event, reason: command.reason } }]);
    }
  },
  evolve(state, { type, data }) {
    const { event } = data;
    const before = state.items.get(event);
    switch (type) {
      case 'EventClaimed':
        return withItem(state, event, { status: 'claimed', ...data });
      case 'ClaimRenewed':
        return before?.status === 'claimed'
          ? withItem(state, event, { ...before, until: data.until })
          : state;
      case 'EventAcknowledged':
        return settled(state, event);
      case 'EventReturned':
        return withItem(state, event, {
          status: 'returned',
          retries: before?.status === 'claimed' ? before.retries + 1 : 1,
        });
      case 'EventParked':
        return settled({ ...state, parked: new Map(state.parked).set(event, data.reason) }, event);
      case 'EventUnparked': {
        const parked = new Map(state.parked);
        parked.delete(event);
        return withItem({ ...state, parked }, event, { status: 'returned', retries: 0 });
      }
    }
  },
};

/** The first event that is with nobody; what was handed out too often before it is parked. */
function claim(
  { length, consumer, now, until, mostRetries }: ConsumerGroupCommand & { type: 'ClaimEvent' },
  { settledBelow, items }: ConsumerGroupState,
): Decision {
  const events: ConsumerGroupEvent[] = [];
  let next: number | undefined;
  const candidates = [
    ...[...items.keys()].filter((event) => event < settledBelow),
    ...range(settledBelow, length),
  ];
  for (const event of candidates) {
    const item = items.get(event);
    if (item?.status === 'settled') continue;
    if (item?.status === 'claimed' && item.until > now) {
      next = Math.min(next ?? Infinity, item.until);
      continue;
    }
    const retries = item === undefined ? 0 : item.status === 'claimed' ? item.retries + 1 : item.retries;
    if (retries > mostRetries) {
      const reason = `handed out ${String(retries)} times without being acknowledged`;
      events.push({ type: 'EventParked', version: 1, data: { event, reason } });
      continue;
    }
    events.push({ type: 'EventClaimed', version: 1, data: { event, consumer, until, retries } });
    return ok(events);
  }
  return events.length > 0 ? ok(events) : refuse({ reason: 'nothing-to-claim', next });
}

function* range(from: number, to: number): Generator<number> {
  for (let value = from; value < to; value++) yield value;
}

const withItem = (state: ConsumerGroupState, event: number, item: Item): ConsumerGroupState => ({
  ...state,
  items: new Map(state.items).set(event, item),
});

function settled(state: ConsumerGroupState, event: number): ConsumerGroupState {
  const items = new Map(state.items).set(event, { status: 'settled' } as const);
  let { settledBelow } = state;
  while (items.get(settledBelow)?.status === 'settled') items.delete(settledBelow++);
  if (event < settledBelow) items.delete(event);
  return { ...state, items, settledBelow };
}

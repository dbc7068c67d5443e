import type { AnyEvent } from './event.ts';
import type { Result } from './result.ts';

/**
 * An aggregate as three pure values. Laws: `decide` never changes anything and refuses with data;
 * `evolve` is total and never throws; folding the same events from `initial` gives the same state.
 */
export interface Decider<Command, State, Event extends AnyEvent, Refusal> {
  readonly initial: State;
  decide(command: Command, state: State): Result<readonly Event[], Refusal>;
  evolve(state: State, event: Event): State;
}

/** The state after `events`, starting from `from` (default: the initial state). */
export function fold<State, Event extends AnyEvent>(
  decider: Pick<Decider<never, State, Event, unknown>, 'initial' | 'evolve'>,
  events: Iterable<Event>,
  from: State = decider.initial,
): State {
  let state = from;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}

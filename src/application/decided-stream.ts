import type { AnyEvent, Json } from '../domain/shared/event.ts';
import type { Decider } from '../domain/shared/decider.ts';
import type { Result } from '../domain/shared/result.ts';
import type { EventStore, StoredEvent } from './ports/event-store.ts';

export interface DecidedStreamParts<Command, State, Event extends AnyEvent, Refusal> {
  readonly events: Pick<EventStore, 'append' | 'read'>;
  readonly stream: string;
  readonly decider: Decider<Command, State, Event, Refusal>;
  readonly read: (stored: StoredEvent) => Result<Event, string>;
  readonly newId: () => string;
  /** The error for an event that cannot be used. */
  readonly damaged: (stored: StoredEvent, why: string) => Error;
}

/**
 * An aggregate that several processes decide about. Law: what is appended was decided on all events before it; a decision
 * for which another process was too quick is made again on what it wrote.
 */
export class DecidedStream<Command, State, Event extends AnyEvent, Refusal> {
  readonly #parts: DecidedStreamParts<Command, State, Event, Refusal>;
  #state: State;
  #revision = -1;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: DecidedStreamParts<Command, State, Event, Refusal>) {
    this.#parts = parts;
    this.#state = parts.decider.initial;
  }

  /** As of the last `refresh` or `decide`. */
  get state(): State {
    return this.#state;
  }

  /** Reads what was appended since. */
  async refresh(): Promise<State> {
    const { events, stream, decider, read, damaged } = this.#parts;
    for await (const stored of events.read(stream, { from: this.#revision + 1 })) {
      // Another call may have read it meanwhile.
      if (stored.revision !== this.#revision + 1) continue;
      const event = read(stored);
      if (!event.ok) throw damaged(stored, event.error);
      this.#state = decider.evolve(this.#state, event.value);
      this.#revision = stored.revision;
    }
    return this.#state;
  }

  /** Decides and appends; `command` is made anew for each attempt. Calls are served one after the other. */
  decide(command: (state: State) => Command | Promise<Command>): Promise<Result<readonly Event[], Refusal>> {
    const turn = this.#turn.then(() => this.#decide(command));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #decide(
    command: (state: State) => Command | Promise<Command>,
  ): Promise<Result<readonly Event[], Refusal>> {
    const { events, stream, decider, newId } = this.#parts;
    for (;;) {
      await this.refresh();
      const decided = decider.decide(await command(this.#state), this.#state);
      if (!decided.ok || decided.value.length === 0) return decided;
      const appended = await events.append(
        stream,
        this.#revision < 0 ? 'none' : this.#revision,
        decided.value.map(({ type, version, data }) => ({
          id: newId(),
          type,
          version,
          data: data as Json,
        })),
      );
      if (!appended.ok) continue;
      for (const event of decided.value) this.#state = decider.evolve(this.#state, event);
      this.#revision = appended.value.revision;
      return decided;
    }
  }
}

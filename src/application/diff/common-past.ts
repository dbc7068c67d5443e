import type {
  MachineCreatedData,
  MachineEvent,
  MachineForkedData,
} from '../../domain/virtual-machine/events.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { EventStore } from '../ports/event-store.ts';
import { recordedEvents, type RecordedEvent } from '../recording/recorded-events.ts';
import type { Cause } from './diff-request.ts';

/** What makes two histories differ. */
export interface CommonPast {
  readonly cause: Cause | undefined;
  /**
   * Where equal machines get other inputs or edits, in order: what differs first does so there, or one instruction later. Undefined where
   * the setups make the difference, which may show anywhere.
   */
  readonly instants: readonly number[] | undefined;
}

type Input = RecordedEvent & {
  readonly event: Extract<MachineEvent, { readonly type: 'HostReplied' | 'MachineForked' }>;
};

/**
 * Compares what two histories were made of, by their events alone. Law: machines with equal setups are equal for as long as
 * their inputs and edits are.
 */
export async function commonPast(
  left: string,
  right: string,
  setups: readonly [MachineCreatedData, MachineCreatedData],
  events: EventStore,
): Promise<CommonPast> {
  const fields = setupDifferences(...setups);
  if (fields.length > 0) return { cause: { kind: 'setup', fields }, instants: undefined };
  const [mine, other] = [new Inputs(left, events), new Inputs(right, events)];
  const instants: number[] = [];
  let cause: Cause | undefined;
  try {
    for (;;) {
      const [a, b] = [await mine.next(), await other.next()];
      if (a !== undefined && b !== undefined && same(a.event, b.event)) continue;
      const icount = Math.min(a?.event.data.icount ?? Infinity, b?.event.data.icount ?? Infinity);
      if (icount < Infinity) instants.push(icount);
      cause ??= editsOf(mine, other) ?? (icount < Infinity ? replyCause(icount, a, b) : undefined);
      if (a === undefined || b === undefined) return { cause, instants };
    }
  } finally {
    await mine.close();
    await other.close();
  }
}

const replyCause = (icount: number, a: Input | undefined, b: Input | undefined): Cause => ({
  kind: 'reply',
  icount,
  left: replyOf(a),
  right: replyOf(b),
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What changes a machine's state from outside, in order. */
class Inputs {
  readonly recording: string;
  /** Every fork so far. */
  readonly forks: MachineForkedData[] = [];
  readonly #events: AsyncGenerator<RecordedEvent, undefined>;

  constructor(history: string, events: EventStore) {
    this.recording = history;
    this.#events = recordedEvents(events, history);
  }

  /** The next reply, or fork that changes the state; one that only changes inputs shows in the replies. */
  async next(): Promise<Input | undefined> {
    for (;;) {
      const { value } = await this.#events.next();
      if (value === undefined) return undefined;
      const { revision, event } = value;
      if (event.type === 'MachineForked') this.forks.push(event.data);
      if (event.type === 'HostReplied' || (event.type === 'MachineForked' && changesState(event.data)))
        return { revision, event };
    }
  }

  async close(): Promise<void> {
    await this.#events.return(undefined);
  }
}

const changesState = ({ edits }: MachineForkedData): boolean =>
  edits.some(({ kind }) => kind === 'register' || kind === 'memory');

/** The first fork that only one of the two has come by. */
function editsOf(mine: Inputs, other: Inputs): Cause | undefined {
  const at = mine.forks.findIndex((fork, index) => !same(fork, other.forks[index]));
  const found = at >= 0 ? mine : other;
  const fork = found.forks[at >= 0 ? at : mine.forks.length];
  return fork && { kind: 'edits', icount: fork.icount, recording: found.recording, edits: fork.edits };
}

const replyOf = (input: Input | undefined) =>
  input?.event.type === 'HostReplied' ? { call: input.event.data.call, revision: input.revision } : undefined;

function setupDifferences(left: MachineCreatedData, right: MachineCreatedData): readonly DivergentField[] {
  const compared = {
    'instruction set': ({ isa }: MachineCreatedData) => isa,
    program: ({ program }: MachineCreatedData) => `${program.path} (sha256 ${program.digest})`,
    arguments: (setup: MachineCreatedData) => setup.arguments,
    environment: ({ environment }: MachineCreatedData) => Object.entries(environment).sort(),
    'working directory': ({ workingDirectory }: MachineCreatedData) => workingDirectory,
    mounts: ({ mounts }: MachineCreatedData) => mounts,
    seed: ({ seed }: MachineCreatedData) => seed,
    clock: ({ epoch }: MachineCreatedData) => epoch,
    memory: ({ memorySize }: MachineCreatedData) => memorySize,
  };
  return Object.entries(compared).flatMap(([field, of]) => {
    const [expected, found] = [JSON.stringify(of(left)), JSON.stringify(of(right))];
    return expected === found ? [] : [{ field, expected, found }];
  });
}

import type { Decider } from '../shared/decider.ts';
import { ok, refuse, type Result } from '../shared/result.ts';
import { type Coverage, mergeCoverage } from './coverage.ts';
import type {
  CampaignCompletedData,
  CampaignEvent,
  CampaignStartedData,
  CounterexampleFoundData,
} from './events.ts';

/**
 * The Campaign aggregate. Laws: a campaign starts once; each of its shards is verified once, in any order, together
 * with the counterexamples found in it; it completes when none is left out, and nothing follows.
 */
export type CampaignState =
  | { readonly status: 'absent' }
  | (Progressed & { readonly status: 'running' })
  | (Progressed & { readonly status: 'completed'; readonly verdict: CampaignCompletedData['verdict'] });

export interface Progressed {
  readonly setup: CampaignStartedData;
  /** The shards verified so far. */
  readonly verified: ReadonlySet<number>;
  readonly cases: number;
  readonly knownDifferences: number;
  readonly counterexamples: readonly CounterexampleFoundData[];
  readonly coverage: Coverage;
}

export type Counterexample = Omit<CounterexampleFoundData, 'shard'>;

/** What verifying a shard gave. */
export interface ShardResult {
  readonly cases: number;
  readonly knownDifferences: number;
  readonly counterexamples: readonly Counterexample[];
  readonly coverage: Coverage;
}

export type CampaignCommand =
  | { readonly type: 'StartCampaign'; readonly setup: CampaignStartedData }
  | ({ readonly type: 'VerifyShard'; readonly shard: number } & ShardResult)
  | { readonly type: 'CompleteCampaign' };

export type CampaignRefusal =
  | { readonly reason: 'already-started' | 'not-started' | 'completed' }
  | { readonly reason: 'invalid-setup'; readonly what: string }
  | { readonly reason: 'no-such-shard' | 'already-verified'; readonly shard: number }
  | { readonly reason: 'shards-left'; readonly left: number };

type Decision = Result<readonly CampaignEvent[], CampaignRefusal>;

export const campaign: Decider<CampaignCommand, CampaignState, CampaignEvent, CampaignRefusal> = {
  initial: { status: 'absent' },
  decide(command, state) {
    if (command.type === 'StartCampaign')
      return state.status === 'absent' ? start(command.setup) : refuse({ reason: 'already-started' });
    if (state.status === 'absent') return refuse({ reason: 'not-started' });
    if (state.status === 'completed') return refuse({ reason: 'completed' });
    return command.type === 'VerifyShard' ? verifyShard(command, state) : complete(state);
  },
  evolve(state, event) {
    if (event.type === 'CampaignStarted') {
      if (state.status !== 'absent') return state;
      const nothing = { cases: 0, knownDifferences: 0, counterexamples: [], coverage: {} };
      return { status: 'running', setup: event.data, verified: new Set(), ...nothing };
    }
    if (state.status !== 'running') return state;
    switch (event.type) {
      case 'CounterexampleFound':
        return { ...state, counterexamples: [...state.counterexamples, event.data] };
      case 'ShardVerified': {
        const { shard, cases, knownDifferences, coverage } = event.data;
        return {
          ...state,
          verified: new Set(state.verified).add(shard),
          cases: state.cases + cases,
          knownDifferences: state.knownDifferences + knownDifferences,
          coverage: mergeCoverage(state.coverage, coverage),
        };
      }
      case 'CampaignCompleted':
        return { ...state, status: 'completed', verdict: event.data.verdict };
    }
  },
};

function start(setup: CampaignStartedData): Decision {
  const positive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  const invalid = (what: string): Decision => refuse({ reason: 'invalid-setup', what });
  if (setup.instructions.length === 0) return invalid('a campaign needs at least one instruction');
  if (setup.tested.length === 0) return invalid('a campaign needs something to test');
  if (!positive(setup.shards)) return invalid('the number of shards must be a positive integer');
  if (!positive(setup.casesPerShard))
    return invalid('the number of cases in a shard must be a positive integer');
  if (!positive(setup.blockLength)) return invalid('the length of a block must be a positive integer');
  return ok([{ type: 'CampaignStarted', version: 1, data: setup }]);
}

type Running = Extract<CampaignState, { readonly status: 'running' }>;

function verifyShard(command: CampaignCommand & { type: 'VerifyShard' }, state: Running): Decision {
  const { shard, cases, knownDifferences, counterexamples, coverage } = command;
  if (!Number.isSafeInteger(shard) || shard < 0 || shard >= state.setup.shards)
    return refuse({ reason: 'no-such-shard', shard });
  if (state.verified.has(shard)) return refuse({ reason: 'already-verified', shard });
  const data = { shard, cases, counterexamples: counterexamples.length, knownDifferences, coverage };
  return ok([
    ...counterexamples.map((found) => ({
      type: 'CounterexampleFound' as const,
      version: 1 as const,
      data: { shard, ...found },
    })),
    { type: 'ShardVerified', version: 1, data },
  ]);
}

function complete({ setup, verified, cases, counterexamples }: Running): Decision {
  const left = setup.shards - verified.size;
  if (left > 0) return refuse({ reason: 'shards-left', left });
  const verdict = counterexamples.length > 0 ? 'refuted' : 'holds';
  const data = { verdict, cases, counterexamples: counterexamples.length } as const;
  return ok([{ type: 'CampaignCompleted', version: 1, data }]);
}

/** The shards that a worker which takes every `of`-th one, from `index` on, has still to verify. */
export function shardsLeft({ setup, verified }: Progressed, index: number, of: number): readonly number[] {
  const left: number[] = [];
  for (let shard = index; shard < setup.shards; shard += of) if (!verified.has(shard)) left.push(shard);
  return left;
}

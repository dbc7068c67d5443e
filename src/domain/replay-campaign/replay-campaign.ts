import type { Decider } from '../shared/decider.ts';
import { ok, refuse } from '../shared/result.ts';
import type {
  RecordingReplayedData,
  ReplayCampaignCompletedData,
  ReplayCampaignEvent,
  ReplayCampaignStartedData,
} from './events.ts';

/**
 * The ReplayCampaign aggregate. Laws: a campaign starts once; each of its recordings counts once, whoever replayed it; it is
 * completed together with the last one, and nothing follows.
 */
export type ReplayCampaignState =
  | { readonly status: 'absent' }
  | (Progressed & { readonly status: 'running' })
  | (Progressed & { readonly status: 'completed'; readonly verdict: ReplayCampaignCompletedData['verdict'] });

interface Progressed {
  readonly setup: ReplayCampaignStartedData;
  /** By shard. */
  readonly replayed: ReadonlyMap<number, RecordingReplayedData>;
}

export type ReplayCampaignCommand =
  | { readonly type: 'StartReplayCampaign'; readonly setup: ReplayCampaignStartedData }
  | { readonly type: 'RecordReplay'; readonly replayed: RecordingReplayedData };

export type ReplayCampaignRefusal = {
  readonly reason:
    'already-started' | 'not-started' | 'nothing-to-replay' | 'already-replayed' | 'no-such-shard';
};

export const replayCampaign: Decider<
  ReplayCampaignCommand,
  ReplayCampaignState,
  ReplayCampaignEvent,
  ReplayCampaignRefusal
> = {
  initial: { status: 'absent' },
  decide(command, state) {
    if (command.type === 'StartReplayCampaign') {
      if (state.status !== 'absent') return refuse({ reason: 'already-started' });
      if (command.setup.recordings.length === 0) return refuse({ reason: 'nothing-to-replay' });
      return ok([{ type: 'ReplayCampaignStarted', version: 1, data: command.setup }]);
    }
    if (state.status === 'absent') return refuse({ reason: 'not-started' });
    const { replayed } = command;
    if (state.setup.recordings[replayed.shard] !== replayed.recording)
      return refuse({ reason: 'no-such-shard' });
    if (state.replayed.has(replayed.shard)) return refuse({ reason: 'already-replayed' });
    const events: ReplayCampaignEvent[] = [{ type: 'RecordingReplayed', version: 1, data: replayed }];
    if (state.replayed.size + 1 === state.setup.recordings.length) {
      const all = [...state.replayed.values(), replayed];
      const verdict = all.every(({ outcome }) => outcome === 'agrees') ? 'agree' : 'differ';
      events.push({ type: 'ReplayCampaignCompleted', version: 1, data: { verdict } });
    }
    return ok(events);
  },
  evolve(state, event) {
    if (event.type === 'ReplayCampaignStarted')
      return state.status === 'absent'
        ? { status: 'running', setup: event.data, replayed: new Map() }
        : state;
    if (state.status !== 'running') return state;
    if (event.type === 'RecordingReplayed')
      return { ...state, replayed: new Map(state.replayed).set(event.data.shard, event.data) };
    return { ...state, status: 'completed', verdict: event.data.verdict };
  },
};

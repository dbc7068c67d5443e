import {
  campaign,
  type CampaignCommand,
  type CampaignRefusal,
  type CampaignState,
  type ShardResult,
} from '../../domain/campaign/campaign.ts';
import type { CampaignEvent, CampaignStartedData } from '../../domain/campaign/events.ts';
import { readCampaignEvent } from '../../domain/campaign/read-event.ts';
import type { AnyEvent } from '../../domain/shared/event.ts';
import { ok } from '../../domain/shared/result.ts';
import { DecidedStream, type DecidedStreamParts } from '../decided-stream.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { StartedCampaign } from './verification.ts';
import { VerificationError } from './verification-error.ts';

/** The stream that holds a campaign. Throws `invalid-campaign`. */
export function campaignStream(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name))
    throw new VerificationError(
      'invalid-campaign',
      `${JSON.stringify(name)} cannot name a campaign: use 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first`,
      { campaign: name },
    );
  return `campaign-${name}`;
}

type Log = DecidedStream<CampaignCommand, CampaignState, CampaignEvent, CampaignRefusal>;

/**
 * A campaign and its events. Laws: a shard is recorded before it counts as verified, and once, whoever else verifies it;
 * without a name nothing is stored; a recorded campaign goes on only with the setup that it began with.
 */
export class CampaignLog {
  readonly #log: Log;

  private constructor(log: Log) {
    this.#log = log;
  }

  /** Starts the campaign, or goes on with the one of that name. */
  static async open(
    setup: CampaignStartedData,
    name: string | undefined,
    parts: CampaignLogParts,
  ): Promise<CampaignLog> {
    const log = streamOf(name, parts);
    const started = await log.decide(() => ({ type: 'StartCampaign', setup }));
    if (!started.ok && started.error.reason !== 'already-started') throw refused(started.error);
    const campaignLog = new CampaignLog(log);
    expectSameSetup(name ?? '', setup, campaignLog.state.setup);
    return campaignLog;
  }

  /** Goes on with a recorded campaign. Throws `invalid-campaign` when there is none. */
  static async resume(name: string, parts: CampaignLogParts): Promise<CampaignLog> {
    const log = streamOf(name, parts);
    if ((await log.refresh()).status === 'absent')
      throw new VerificationError('invalid-campaign', `there is no campaign named ${name}`, {
        campaign: name,
      });
    return new CampaignLog(log);
  }

  get state(): StartedCampaign {
    const { state } = this.#log;
    if (state.status === 'absent') throw new TypeError('the campaign has not started');
    return state;
  }

  /** Reads what others have recorded. */
  async refresh(): Promise<StartedCampaign> {
    await this.#log.refresh();
    return this.state;
  }

  /** Records a shard; false when it was verified already. */
  async verified(shard: number, result: ShardResult): Promise<boolean> {
    const decided = await this.#log.decide(() => ({ type: 'VerifyShard', shard, ...result }));
    if (decided.ok) return true;
    if (decided.error.reason === 'already-verified' || decided.error.reason === 'completed') return false;
    throw refused(decided.error);
  }

  /** Completes the campaign when no shard is left. */
  async finish(): Promise<void> {
    const { status, verified, setup } = this.state;
    if (status !== 'running' || verified.size < setup.shards) return;
    const decided = await this.#log.decide(() => ({ type: 'CompleteCampaign' }));
    if (!decided.ok && decided.error.reason !== 'completed') throw refused(decided.error);
  }
}

export interface CampaignLogParts {
  readonly events: EventStore;
  readonly newId: () => string;
}

/** Without a name: decided alike, kept nowhere. */
const streamOf = (name: string | undefined, { events, newId }: CampaignLogParts) =>
  new DecidedStream({
    events: name === undefined ? forgetful() : events,
    stream: name === undefined ? 'campaign' : campaignStream(name),
    decider: campaign,
    read: readCampaignEvent,
    newId,
    damaged: ({ revision }, why) =>
      new VerificationError(
        'damaged-campaign',
        `event ${revision.toString()} of campaign ${name ?? ''} cannot be used: ${why}; begin another campaign`,
        { campaign: name ?? '', revision },
      ),
  });

/** What a campaign without a name needs of a store: it is its only writer, and never reads. */
function forgetful(): DecidedStreamParts<unknown, unknown, AnyEvent, unknown>['events'] {
  let last = -1;
  return {
    append: (_, __, appended) => Promise.resolve(ok({ revision: (last += appended.length) })),
    async *read() {},
  };
}

const refused = (refusal: CampaignRefusal): VerificationError =>
  new VerificationError(
    'invalid-campaign',
    'what' in refusal ? refusal.what : `the campaign refused: ${refusal.reason}`,
  );

function expectSameSetup(name: string, asked: CampaignStartedData, recorded: CampaignStartedData): void {
  const differing = Object.keys(asked).find(
    (key) =>
      JSON.stringify(asked[key as keyof CampaignStartedData]) !==
      JSON.stringify(recorded[key as keyof CampaignStartedData]),
  ) as keyof CampaignStartedData | undefined;
  if (differing === undefined) return;
  const show = (setup: CampaignStartedData) => JSON.stringify(setup[differing]).slice(0, 80);
  throw new VerificationError(
    'invalid-campaign',
    `campaign ${name} has another ${differing}: ${show(recorded)}, not ${show(asked)}; ask for the same, or choose another name`,
    { campaign: name },
  );
}

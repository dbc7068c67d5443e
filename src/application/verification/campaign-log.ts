import {
  campaign,
  type CampaignCommand,
  type CampaignState,
  type ShardResult,
} from '../../domain/campaign/campaign.ts';
import type { CampaignEvent, CampaignStartedData } from '../../domain/campaign/events.ts';
import { readCampaignEvent } from '../../domain/campaign/read-event.ts';
import type { Json } from '../../domain/shared/event.ts';
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

/**
 * A campaign and its events. Laws: a shard is recorded before it counts as verified; without a name nothing is stored;
 * a recorded campaign goes on only with the setup that it began with; several processes may work at one campaign.
 */
export class CampaignLog {
  readonly #events: EventStore;
  readonly #newId: () => string;
  readonly #name: string | undefined;
  #state: CampaignState = campaign.initial;
  #revision = -1;

  private constructor(events: EventStore, newId: () => string, name: string | undefined) {
    this.#events = events;
    this.#newId = newId;
    this.#name = name;
  }

  /** Starts the campaign, or goes on with the one of that name. */
  static async open(
    setup: CampaignStartedData,
    name: string | undefined,
    { events, newId }: { readonly events: EventStore; readonly newId: () => string },
  ): Promise<CampaignLog> {
    const log = new CampaignLog(events, newId, name);
    if (name !== undefined) await log.#load(name);
    if (log.#state.status === 'absent') await log.#decide({ type: 'StartCampaign', setup });
    log.#expect(setup, log.state.setup);
    return log;
  }

  get state(): StartedCampaign {
    if (this.#state.status === 'absent') throw new TypeError('the campaign has not started');
    return this.#state;
  }

  verified = (shard: number, result: ShardResult): Promise<void> =>
    this.#decide({ type: 'VerifyShard', shard, ...result });

  /** Completes the campaign when no shard is left. */
  async finish(): Promise<void> {
    const { status, verified, setup } = this.state;
    if (status === 'running' && verified.size === setup.shards)
      await this.#decide({ type: 'CompleteCampaign' });
  }

  /** Takes over what the stream holds beyond what is known. */
  async #load(name: string): Promise<void> {
    for await (const stored of this.#events.read(campaignStream(name), { from: this.#revision + 1 })) {
      const read = readCampaignEvent(stored);
      if (!read.ok)
        throw new VerificationError(
          'damaged-campaign',
          `event ${stored.revision.toString()} of campaign ${name} cannot be used: ${read.error}; begin another campaign`,
          { campaign: name, revision: stored.revision },
        );
      this.#apply(read.value);
      this.#revision = stored.revision;
    }
  }

  #expect(asked: CampaignStartedData, recorded: CampaignStartedData): void {
    const differing = Object.keys(asked).find(
      (key) =>
        JSON.stringify(asked[key as keyof CampaignStartedData]) !==
        JSON.stringify(recorded[key as keyof CampaignStartedData]),
    ) as keyof CampaignStartedData | undefined;
    if (differing === undefined) return;
    const show = (setup: CampaignStartedData) => JSON.stringify(setup[differing]).slice(0, 80);
    throw new VerificationError(
      'invalid-campaign',
      `campaign ${this.#name!} has another ${differing}: ${show(recorded)}, not ${show(asked)}; ask for the same, or choose another name`,
      { campaign: this.#name! },
    );
  }

  /** Decides, and decides again on what others have appended meanwhile, until it is recorded. */
  async #decide(command: CampaignCommand): Promise<void> {
    for (;;) {
      const decided = campaign.decide(command, this.#state);
      if (!decided.ok) {
        // Another worker was quicker: what it found is what this one found.
        if (isDone(decided.error.reason)) return;
        throw new VerificationError(
          'invalid-campaign',
          'what' in decided.error ? decided.error.what : `the campaign refused: ${decided.error.reason}`,
        );
      }
      if (await this.#append(decided.value)) {
        for (const event of decided.value) this.#apply(event);
        return;
      }
      await this.#load(this.#name!);
    }
  }

  #apply(event: CampaignEvent): void {
    this.#state = campaign.evolve(this.#state, event);
  }

  /** False when another process has written to the campaign since it was read. */
  async #append(events: readonly CampaignEvent[]): Promise<boolean> {
    if (this.#name === undefined) return true;
    const appended = await this.#events.append(
      campaignStream(this.#name),
      this.#revision < 0 ? 'none' : this.#revision,
      events.map(({ type, version, data }) => ({
        id: this.#newId(),
        type,
        version,
        data: data as unknown as Json,
      })),
    );
    if (appended.ok) this.#revision = appended.value.revision;
    return appended.ok;
  }
}

const isDone = (reason: string): boolean =>
  reason === 'already-started' || reason === 'already-verified' || reason === 'completed';

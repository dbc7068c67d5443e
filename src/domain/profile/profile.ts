import type { Decider } from '../shared/decider.ts';
import type { Digest } from '../shared/digest.ts';
import { ok, refuse } from '../shared/result.ts';
import type { ProfiledBlock, ProfileEvent, ProfileTakenData } from './events.ts';

/** How often a block was entered at its first milestone; each further one is four times as many. */
export const firstMilestone = 1024;
export const milestoneFactor = 4;

/** Entries from which on translating a block pays: see docs/reference/benchmarks/guidance.md. */
export const usualPays = firstMilestone * milestoneFactor ** 3;

/** Entries that are known of a block: those of its last milestone. */
export const entriesOf = ({ milestones }: Pick<ProfiledBlock, 'milestones'>): number =>
  milestones.length === 0 ? 0 : firstMilestone * milestoneFactor ** (milestones.length - 1);

export const profileStream = (program: Digest): string => `profile-${program}`;

/**
 * The profile of a program, put together from its recordings. Laws: of a block that several recordings entered, the most entries
 * count; a recording that is profiled again replaces nothing, for it says the same again.
 */
export type ProfileState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'taken';
      readonly isa: string;
      readonly mode: string;
      readonly recordings: ReadonlySet<string>;
      /** By address and code. */
      readonly blocks: ReadonlyMap<string, ProfiledBlock>;
    };

export interface ProfileCommand {
  readonly type: 'TakeProfile';
  readonly profile: ProfileTakenData;
}
export type ProfileRefusal =
  | { readonly reason: 'other-instruction-set'; readonly isa: string; readonly mode: string }
  | { readonly reason: 'block-twice'; readonly address: number };

const keyOf = ({ address, code }: ProfiledBlock): string => `${address} ${code}`;

export const profile: Decider<ProfileCommand, ProfileState, ProfileEvent, ProfileRefusal> = {
  initial: { status: 'absent' },
  decide({ profile: data }, state) {
    const { isa, mode, blocks } = data;
    if (state.status === 'taken' && (state.isa !== isa || state.mode !== mode))
      return refuse({ reason: 'other-instruction-set', isa: state.isa, mode: state.mode });
    const seen = new Set<string>();
    for (const block of blocks) {
      if (seen.has(keyOf(block))) return refuse({ reason: 'block-twice', address: block.address });
      seen.add(keyOf(block));
    }
    return ok([{ type: 'ProfileTaken', version: 1, data }]);
  },
  evolve(state, { data }) {
    const blocks = new Map(state.status === 'taken' ? state.blocks : []);
    for (const block of data.blocks) {
      const known = blocks.get(keyOf(block));
      if (!known || entriesOf(block) > entriesOf(known)) blocks.set(keyOf(block), block);
    }
    const recordings = new Set(state.status === 'taken' ? state.recordings : []);
    return {
      status: 'taken',
      isa: data.isa,
      mode: data.mode,
      recordings: recordings.add(data.recording),
      blocks,
    };
  },
};

import type { Decider } from '../shared/decider.ts';
import type { Digest, HashFunction } from '../shared/digest.ts';
import { ok, refuse } from '../shared/result.ts';
import type {
  BlockLiftedData,
  BlockProvedData,
  BlockRefutedData,
  BlockTranslatedData,
  BlockVerifiedData,
  TranslationBlockEvent,
} from './events.ts';

/**
 * The TranslationBlock aggregate. Laws: a block is lifted before anything else, and once; only an engine's current
 * translation can be promoted, verified, proved, refuted or invalidated; a refuted translation is never called
 * verified or proved again until the engine made another; verdicts die with the translation they were about.
 */
export type Verdict =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tested'; readonly samples: number }
  | { readonly kind: 'proved'; readonly solver: string }
  | { readonly kind: 'refuted'; readonly counterexample: Digest };

export interface Translation {
  readonly output: Digest;
  readonly tier: number;
  readonly verdict: Verdict;
}

export type TranslationBlockState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'lifted';
      readonly block: BlockLiftedData;
      /** The current translation of each engine. */
      readonly translations: ReadonlyMap<string, Translation>;
    };

export type TranslationBlockCommand =
  | ({ readonly type: 'LiftBlock' } & BlockLiftedData)
  | ({ readonly type: 'TranslateBlock' } & BlockTranslatedData)
  | { readonly type: 'PromoteBlock'; readonly engine: string; readonly tier: number }
  | ({ readonly type: 'VerifyBlock' } & BlockVerifiedData)
  | ({ readonly type: 'ProveBlock' } & BlockProvedData)
  | ({ readonly type: 'RefuteBlock' } & BlockRefutedData)
  | { readonly type: 'InvalidateBlock'; readonly engine: string };

export type TranslationBlockRefusal =
  | { readonly reason: 'already-lifted' | 'not-lifted' }
  | { readonly reason: 'invalid-code'; readonly code: string }
  | { readonly reason: 'not-translated' | 'already-refuted'; readonly engine: string }
  | { readonly reason: 'not-a-higher-tier'; readonly tier: number; readonly current: number }
  | { readonly reason: 'no-samples' };

/** A block's identity: SHA-256 of instruction set, mode and code. */
export const blockIdentity = (
  hash: HashFunction,
  { isa, mode, code }: Pick<BlockLiftedData, 'isa' | 'mode' | 'code'>,
): Digest => hash(`translation block\n${isa}\n${mode}\n${code}`);

export const blockStream = (identity: Digest): string => `translation-block-${identity}`;

export const translationBlock: Decider<
  TranslationBlockCommand,
  TranslationBlockState,
  TranslationBlockEvent,
  TranslationBlockRefusal
> = {
  initial: { status: 'absent' },
  decide(command, state) {
    if (command.type === 'LiftBlock') {
      const { isa, mode, code, instructions } = command;
      if (state.status !== 'absent') return refuse({ reason: 'already-lifted' });
      if (!/^([0-9a-f]{2})+$/.test(code) || instructions < 1) return refuse({ reason: 'invalid-code', code });
      return ok([{ type: 'BlockLifted', version: 1, data: { isa, mode, code, instructions } }]);
    }
    if (state.status === 'absent') return refuse({ reason: 'not-lifted' });
    if (command.type === 'TranslateBlock') {
      const { engine, output, size } = command;
      return ok([{ type: 'BlockTranslated', version: 1, data: { engine, output, size } }]);
    }
    const { engine } = command;
    const translation = state.translations.get(engine);
    if (!translation) return refuse({ reason: 'not-translated', engine });
    return judge(command, translation);
  },
  evolve(state, event) {
    if (event.type === 'BlockLifted')
      return state.status === 'absent'
        ? { status: 'lifted', block: event.data, translations: new Map() }
        : state;
    if (state.status === 'absent') return state;
    const { engine } = event.data;
    const translations = new Map(state.translations);
    const next = evolveTranslation(event, translations.get(engine));
    if (next) translations.set(engine, next);
    else translations.delete(engine);
    return { ...state, translations };
  },
};

type Judgement = Exclude<TranslationBlockCommand, { type: 'LiftBlock' | 'TranslateBlock' }>;

function judge(command: Judgement, translation: Translation): ReturnType<typeof translationBlock.decide> {
  const { engine } = command;
  const refuted = translation.verdict.kind === 'refuted';
  switch (command.type) {
    case 'PromoteBlock': {
      const { tier } = command;
      if (tier <= translation.tier)
        return refuse({ reason: 'not-a-higher-tier', tier, current: translation.tier });
      return ok([{ type: 'BlockPromoted', version: 1, data: { engine, tier } }]);
    }
    case 'VerifyBlock': {
      const { reference, samples, seed } = command;
      if (refuted) return refuse({ reason: 'already-refuted', engine });
      if (samples < 1) return refuse({ reason: 'no-samples' });
      return ok([{ type: 'BlockVerified', version: 1, data: { engine, reference, samples, seed } }]);
    }
    case 'ProveBlock':
      if (refuted) return refuse({ reason: 'already-refuted', engine });
      return ok([{ type: 'BlockProved', version: 1, data: { engine, solver: command.solver } }]);
    case 'RefuteBlock': {
      const { reference, counterexample } = command;
      if (refuted) return refuse({ reason: 'already-refuted', engine });
      return ok([{ type: 'BlockRefuted', version: 1, data: { engine, reference, counterexample } }]);
    }
    case 'InvalidateBlock':
      return ok([{ type: 'BlockInvalidated', version: 1, data: { engine } }]);
  }
}

type TranslationEvent = Exclude<TranslationBlockEvent, { type: 'BlockLifted' }>;

/** The engine's translation after the event; undefined when it has none. */
function evolveTranslation(
  event: TranslationEvent,
  before: Translation | undefined,
): Translation | undefined {
  if (event.type === 'BlockTranslated')
    return { output: event.data.output, tier: 0, verdict: { kind: 'unknown' } };
  if (!before) return undefined;
  switch (event.type) {
    case 'BlockPromoted':
      return { ...before, tier: event.data.tier, verdict: { kind: 'unknown' } };
    case 'BlockVerified': {
      if (before.verdict.kind === 'proved') return before;
      const earlier = before.verdict.kind === 'tested' ? before.verdict.samples : 0;
      return { ...before, verdict: { kind: 'tested', samples: earlier + event.data.samples } };
    }
    case 'BlockProved':
      return { ...before, verdict: { kind: 'proved', solver: event.data.solver } };
    case 'BlockRefuted':
      return { ...before, verdict: { kind: 'refuted', counterexample: event.data.counterexample } };
    case 'BlockInvalidated':
      return undefined;
  }
}

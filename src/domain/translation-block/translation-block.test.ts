import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { fold } from '../shared/decider.ts';
import { asDigest } from '../shared/digest.ts';
import type { TranslationBlockEvent } from './events.ts';
import {
  blockIdentity,
  blockStream,
  translationBlock,
  type TranslationBlockCommand,
} from './translation-block.ts';

const hash = (content: Uint8Array | string) => asDigest(createHash('sha256').update(content).digest('hex'));

const block = { isa: 'riscv64', mode: 'user', code: '3385c500' };
const lift: TranslationBlockCommand = { type: 'LiftBlock', ...block, instructions: 1 };
const translate: TranslationBlockCommand = {
  type: 'TranslateBlock',
  engine: 'wasm',
  output: hash('wasm'),
  size: 90,
};
const verify: TranslationBlockCommand = {
  type: 'VerifyBlock',
  engine: 'wasm',
  reference: 'golden',
  samples: 200,
  seed: '7',
};
const prove: TranslationBlockCommand = { type: 'ProveBlock', engine: 'wasm', solver: 'z3' };
const refute: TranslationBlockCommand = {
  type: 'RefuteBlock',
  engine: 'wasm',
  reference: 'golden',
  counterexample: hash('state'),
};

function given(...commands: TranslationBlockCommand[]): TranslationBlockEvent[] {
  const events: TranslationBlockEvent[] = [];
  for (const command of commands) {
    const decided = translationBlock.decide(command, fold(translationBlock, events));
    if (!decided.ok) throw new Error(`${command.type} was refused: ${decided.error.reason}`);
    events.push(...decided.value);
  }
  return events;
}
const when = (command: TranslationBlockCommand, events: readonly TranslationBlockEvent[]) =>
  translationBlock.decide(command, fold(translationBlock, events));
const verdictAfter = (...commands: TranslationBlockCommand[]) => {
  const state = fold(translationBlock, given(...commands));
  return state.status === 'lifted' ? state.translations.get('wasm')?.verdict : undefined;
};

describe('a translation block', () => {
  test('is named by its content: instruction set, mode and code', () => {
    const identity = blockIdentity(hash, block);
    expect(blockStream(identity)).toBe(`translation-block-${identity}`);
    expect(blockIdentity(hash, { ...block })).toBe(identity);
    expect(blockIdentity(hash, { ...block, code: '3385d500' })).not.toBe(identity);
    expect(blockIdentity(hash, { ...block, mode: 'supervisor' })).not.toBe(identity);
  });

  test('is lifted once, and before anything else', () => {
    expect(when(translate, [])).toEqual({ ok: false, error: { reason: 'not-lifted' } });
    expect(when(lift, given(lift))).toEqual({ ok: false, error: { reason: 'already-lifted' } });
    expect(when({ ...lift, code: '338' } as TranslationBlockCommand, [])).toEqual({
      ok: false,
      error: { reason: 'invalid-code', code: '338' },
    });
  });

  test('has no verdict until its translation was tried', () => {
    expect(when(verify, given(lift))).toEqual({
      ok: false,
      error: { reason: 'not-translated', engine: 'wasm' },
    });
    expect(verdictAfter(lift, translate)).toEqual({ kind: 'unknown' });
  });

  test('adds up the samples it was tested on', () => {
    expect(verdictAfter(lift, translate, verify, verify)).toEqual({ kind: 'tested', samples: 400 });
    expect(when({ ...verify, samples: 0 }, given(lift, translate))).toMatchObject({
      error: { reason: 'no-samples' },
    });
  });

  test('stays proved when it is tested as well', () => {
    expect(verdictAfter(lift, translate, prove, verify)).toEqual({ kind: 'proved', solver: 'z3' });
  });

  test('once refuted is not called verified or proved', () => {
    const events = given(lift, translate, verify, refute);
    for (const command of [verify, prove, refute])
      expect(when(command, events)).toEqual({
        ok: false,
        error: { reason: 'already-refuted', engine: 'wasm' },
      });
  });

  test('loses its verdict with its translation', () => {
    expect(verdictAfter(lift, translate, refute, translate)).toEqual({ kind: 'unknown' });
    expect(verdictAfter(lift, translate, prove, { type: 'PromoteBlock', engine: 'wasm', tier: 1 })).toEqual({
      kind: 'unknown',
    });
    expect(verdictAfter(lift, translate, prove, { type: 'InvalidateBlock', engine: 'wasm' })).toBeUndefined();
  });

  test('is promoted upwards only', () => {
    const events = given(lift, translate, { type: 'PromoteBlock', engine: 'wasm', tier: 2 });
    expect(when({ type: 'PromoteBlock', engine: 'wasm', tier: 2 }, events)).toEqual({
      ok: false,
      error: { reason: 'not-a-higher-tier', tier: 2, current: 2 },
    });
  });

  test('keeps engines apart', () => {
    const other: TranslationBlockCommand = { ...translate, engine: 'native' };
    const state = fold(translationBlock, given(lift, translate, other, refute));
    expect(state).toMatchObject({ status: 'lifted' });
    if (state.status === 'lifted')
      expect(state.translations.get('native')?.verdict).toEqual({ kind: 'unknown' });
  });
});

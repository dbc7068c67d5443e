import { describe, expect, test } from '@jest/globals';
import { createVerification } from '../../src/application/verification/create-verification.ts';
import type { VerifyRequest } from '../../src/application/verification/verification.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { optimisedEngine } from '../../src/infrastructure/engine/golden/optimised-engine.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { StoredConsumerGroups } from '../../src/infrastructure/event-store/stored-consumer-groups.ts';

const newId = () => crypto.randomUUID();
const verification = (events = new MemoryEventStore()) =>
  createVerification({
    isa: riscv64,
    reference: goldenEngine,
    optimised: optimisedEngine,
    tested: new Map([
      ['wasm:regions', wasmEngineWith({ hotLimit: 0 })],
      ['wasm:interpreter', wasmEngineWith({ hotLimit: Infinity })],
    ]),
    oracles: new Map(),
    disassemblers: new Map(),
    assemblers: new Map(),
    executed: () => Promise.resolve([]),
    hash: nodeHash,
    events,
    groups: new StoredConsumerGroups(events),
    newId,
  });
const perRow = process.env['CI'] ? 200 : 48;

describe('a campaign over the whole instruction set', () => {
  test('holds for single instructions, of every legal class of encodings', async () => {
    const { state, untried } = await verification().verify({ cases: 200 });
    expect(state.counterexamples).toEqual([]);
    expect(untried).toEqual([]);
    expect(state.cases).toBe(200 * riscv64.rows.length);
  });

  test('holds on blocks with branches', async () => {
    const { state } = await verification().verify({ cases: perRow, blockLength: 20 });
    expect(state.counterexamples).toEqual([]);
    expect(state.cases).toBe(perRow * riscv64.rows.length);
  });

  test.each([1, 20])('holds for optimised IR, in blocks of up to %d instructions', async (blockLength) => {
    const { state } = await verification().verify({ relation: 'optimised', cases: perRow, blockLength });
    expect(state.counterexamples).toEqual([]);
    expect(state.cases).toBe(perRow * riscv64.rows.length);
  });

  test.each(['encoding', 'assembly'] as const)('holds for the relation %s', async (relation) => {
    const { state, untried } = await verification().verify({ relation, cases: perRow });
    expect(state.counterexamples).toEqual([]);
    expect(untried).toEqual([]);
  });
});

describe('a campaign', () => {
  const request: VerifyRequest = { subjects: ['zbs', 'fadd.s'], cases: 640, seed: '5', campaign: 'resumed' };
  const long = { ...request, shardSize: 1500 };

  test('that is interrupted again and again gives the same verdicts as one that is not', async () => {
    const whole = await verification().verify({ ...long, campaign: undefined });
    const events = new MemoryEventStore();
    let interruptions = 0;
    for (;;) {
      const controller = new AbortController();
      let seen = 0;
      const limit = 5 + 3 * interruptions;
      const { state } = await verification(events).verify({
        ...long,
        signal: controller.signal,
        onProgress: () => void (++seen >= limit && controller.abort()),
      });
      if (state.status === 'completed') {
        expect({ ...state, setup: undefined }).toEqual({ ...whole.state, setup: undefined });
        break;
      }
      interruptions++;
    }
    expect(interruptions).toBeGreaterThan(2);
  }, 60_000);

  test('dealt out to two workers gives what one gives', async () => {
    const whole = await verification().verify({ ...long, campaign: undefined });
    const events = new MemoryEventStore();
    const first = await verification(events).verify({ ...long, part: { index: 1, of: 2 } });
    expect(first.state.status).toBe('running');
    const { state } = await verification(events).verify({ ...long, part: { index: 0, of: 2 } });
    expect(state).toEqual(whole.state);
  });

  test('does not go on with another setup than it began with', async () => {
    const events = new MemoryEventStore();
    await verification(events).verify(request);
    await expect(verification(events).verify({ ...request, seed: '6' })).rejects.toMatchObject({
      code: 'invalid-campaign',
      message: expect.stringContaining('another seed'),
    });
  });

  test.each([
    [{ subjects: ['nonsense'] }, 'unknown-subject'],
    [{ engines: ['turbo'] }, 'unknown-engine'],
    [{ relation: 'oracle', oracle: 'delphi' }, 'unknown-oracle'],
    [{ relation: 'oracle' }, 'oracle-absent'],
    [{ relation: 'encoding', blockLength: 2 }, 'invalid-campaign'],
    [{ campaign: '../escape' }, 'invalid-campaign'],
    [{ cases: 0 }, 'invalid-campaign'],
  ] as const)('refuses %p', async (part, code) => {
    await expect(verification().verify({ subjects: ['add'], ...part })).rejects.toMatchObject({ code });
  });
});

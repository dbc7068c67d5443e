import { expect, test } from '@jest/globals';
import { bisectReplays } from './first-difference.ts';
import type { Replayer } from './replayer.ts';

/** A replay whose kernel state counts up by one each instruction, and by one more from instruction `wrongFrom` on. */
function replay(engine: string, wrongFrom = Infinity): Replayer {
  let icount = 0;
  const state = () => ({ count: icount + (icount >= wrongFrom ? 1 : 0) });
  const machine = {
    engine,
    get icount() {
      return icount;
    },
    status: { kind: 'running' },
    threads: () => [],
    digest: () => String(state().count),
    snapshot: () => ({ icount, state: state(), pages: new Map() }),
  };
  return {
    machine,
    seek: (to: number) => Promise.resolve(void (icount = Math.max(icount, to))),
    mark: () => icount,
    goBack: (mark: number) => void (icount = mark),
  } as unknown as Replayer;
}

test.each([1, 2, 499, 500, 700, 1000])(
  'the first difference of two replays is found at instruction %d',
  async (wrongFrom) => {
    const report = await bisectReplays(replay('golden'), replay('wasm', wrongFrom), 1000);
    expect(report).toMatchObject({ agreedAt: wrongFrom - 1, differsAt: wrongFrom, foundBy: 'wasm' });
    expect(report?.fields).toEqual([
      { field: 'kernel state.count', expected: String(wrongFrom), found: String(wrongFrom + 1) },
    ]);
  },
);

test('two replays that agree have none', async () => {
  expect(await bisectReplays(replay('golden'), replay('wasm', 1001), 1000)).toBeUndefined();
});

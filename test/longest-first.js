import Sequencer from '@jest/test-sequencer';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The suites that take longest, the longest first: they begin first, so that the workers end together. A fresh clone knows no
 * durations, by which Jest would order them itself.
 */
const longest = [
  'test/property/golden-and-wasm-agree.test.ts',
  'test/property/campaign.test.ts',
  'test/contract/execution-engine.test.ts',
  'test/end-to-end/guests-on-linux.test.ts',
  'test/end-to-end/docs.test.ts',
  'test/property/optimiser-rules.test.ts',
  'test/end-to-end/gdb.test.ts',
  'test/property/optimised-is-raw.test.ts',
  'test/end-to-end/workers.test.ts',
  'test/end-to-end/killed-campaigns.test.ts',
  'test/end-to-end/kill.test.ts',
  'test/end-to-end/bundle.test.ts',
  'test/end-to-end/translate-ahead.test.ts',
  'test/conformance/qemu-oracle.test.ts',
  'test/end-to-end/esbuild.test.ts',
  'test/end-to-end/fresh-programs.test.ts',
  'test/end-to-end/effects.test.ts',
  'test/conformance/riscv64/conformance.test.ts',
  'test/end-to-end/branches.test.ts',
  'test/end-to-end/layers.test.ts',
  'test/conformance/riscv64/written-oracles.test.ts',
  'test/property/random-ir-engines.test.ts',
  'test/end-to-end/store-crash.test.ts',
];

const root = fileURLToPath(new URL('..', import.meta.url));

export default class LongestFirst extends Sequencer {
  #ranks = new Map(longest.map((suite, rank) => [root + suite, rank]));

  constructor(options) {
    super(options);
    const gone = longest.filter((suite) => !existsSync(root + suite));
    if (gone.length > 0)
      throw new Error(`test/longest-first.js names suites that are gone: ${gone.join(', ')}`);
  }

  /** What failed last time comes first, as ever; then the longest; the rest as Jest has it. */
  sort(tests) {
    const rank = (test) => (this.hasFailed(test) ? -1 : (this.#ranks.get(test.path) ?? longest.length));
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
}

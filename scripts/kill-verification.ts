/**
 * The long form of test/end-to-end/killed-campaigns.test.ts:
 *
 *     npm run kill-verification -- --kills 50 [--seed N]
 *
 * Prints its seed, progress and every failure with how to repeat it; exits 1 when there was one.
 */
import { killCampaigns } from '../test/end-to-end/killed-campaigns.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions(import.meta.url, {
  options: { kills: { type: 'string' }, seed: { type: 'string' } },
});
const kills = Number(values.kills ?? '50');
const seed = BigInt(values.seed ?? Date.now());
if (!Number.isSafeInteger(kills) || kills < 1) {
  console.error(`--kills wants a positive whole number, not ${JSON.stringify(values.kills)}`);
  process.exit(2);
}
console.log(`${kills} kills, seed ${seed}`);
const words = ['--cases', '512', '--shards', '48', '--seed', String(seed)];
const found = await killCampaigns(kills, seed, words, ({ kills: done }) => {
  if (done % 10 === 0) console.log(`${done} kills`);
});
for (const failure of found.failures) console.error(failure);
console.log(
  `${found.kills} kills in ${found.campaigns} campaigns, ${found.resumed} of which went on from verified shards, ${found.failures.length} failures`,
);
process.exitCode = found.failures.length === 0 ? 0 : 1;

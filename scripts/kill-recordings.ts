/**
 * The long form of test/end-to-end/kill.test.ts:
 *
 *     npm run kill-campaign -- --kills 1000 [--seed N]
 *
 * Prints its seed, progress and every failure with how to repeat it; exits 1 when there was one.
 */
import { killRecordings } from '../test/end-to-end/killed-recordings.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions(import.meta.url, {
  options: { kills: { type: 'string' }, seed: { type: 'string' } },
});
const kills = Number(values.kills ?? '1000');
const seed = BigInt(values.seed ?? Date.now());
if (!Number.isSafeInteger(kills) || kills < 1) {
  console.error(`--kills wants a positive whole number, not ${JSON.stringify(values.kills)}`);
  process.exit(2);
}
console.log(`${kills} kills, seed ${seed}`);
let reported = 0;
let printed = 0;
const tally = await killRecordings(kills, seed, ({ unborn, cutOff, finished, late, failures }) => {
  const done = cutOff + finished - late;
  for (; reported < failures.length; reported++) console.error(failures[reported]);
  if (done === printed || (done % 20 !== 0 && done !== kills)) return;
  printed = done;
  console.log(
    `${done} kills: ${cutOff} cut off, ${finished - late} at the end, ${failures.length} failures; ` +
      `besides, ${unborn} killed before their first event, ${late} ended before their kill`,
  );
});
process.exitCode = tally.failures.length === 0 ? 0 : 1;

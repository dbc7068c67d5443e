import { expect, test } from '@jest/globals';
import { killRecordings } from './killed-recordings.ts';

/** `npm run kill-campaign` is the long form. */
const kills = process.env['CI'] ? 20 : 5;
/** Milliseconds: beside other tests a kill and its replays take up to ten seconds. */
const patience = 300_000;

test(
  `${kills} recordings killed at random moments open and replay to their last durable event`,
  async () => {
    if (kills < 20) console.log(`scaled down: ${kills} kills instead of CI's 20`);
    const seed = BigInt(process.env['ISOCHRON_SEED'] ?? Date.now());
    const tally = await killRecordings(kills, seed);
    console.log(
      `seed ${seed}: ${tally.cutOff} cut off, ${tally.finished} finished (${tally.late} before their kill), ${tally.unborn} more killed before their first event`,
    );
    expect(tally.failures).toEqual([]);
    expect(tally.cutOff + tally.finished - tally.late).toBe(kills);
  },
  patience,
);

import { expect, test } from '@jest/globals';
import { killCampaigns } from './killed-campaigns.ts';

const kills = Number(process.env['ISOCHRON_KILLS'] ?? 4);

test(`a campaign killed ${kills} times comes to the verdicts of one that was not`, async () => {
  const words = ['zba', 'zbs', '--cases', '1000', '--shards', '30', '--seed', '7'];
  const { failures, ...found } = await killCampaigns(kills, 20_261_125n, words);
  expect(failures).toEqual([]);
  expect(found.kills).toBe(kills);
}, 600_000);

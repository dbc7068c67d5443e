import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/application/verification/generators/random.ts';

/** SIGKILL at random moments of a verification campaign, which then goes on, to the same verdicts as an uninterrupted one. */
const main = fileURLToPath(new URL('../../bin/isochron.js', import.meta.url));

export interface CampaignKills {
  /** Kills that met the campaign at work. */
  readonly kills: number;
  /** Kills after which some shards were verified already. */
  readonly resumed: number;
  /** Campaigns that were begun, one after the other, for so many kills. */
  readonly campaigns: number;
  /** What went wrong, with how to repeat it. */
  readonly failures: readonly string[];
}

interface Verdict {
  readonly status: string;
  readonly resumedFrom: number;
}

/** `words`: what is verified, cut into shards of some tenths of a second. */
export async function killCampaigns(
  wanted: number,
  seed: bigint,
  words: readonly string[],
  onProgress: (kills: CampaignKills) => void = () => undefined,
): Promise<CampaignKills> {
  const random = new Random(seed);
  const place = mkdtempSync(join(tmpdir(), 'isochron-killed-campaign-'));
  const store = join(place, 'store');
  const verify = (name: string) => ['verify', ...words, '--json', '--campaign', name, '--store', store];
  const began = performance.now();
  const whole = verdictOf(verify('whole'));
  const duration = performance.now() - began;
  const failures: string[] = [];
  let [kills, resumed, campaigns] = [0, 0, 0];
  while (kills < wanted && failures.length === 0) {
    const name = `killed-${campaigns++}`;
    for (let here = 0; kills < wanted && here < 12; here++) {
      const delay = random.below(Math.ceil(duration * 0.7));
      const child = spawn(process.execPath, [main, ...verify(name)], { stdio: 'ignore' });
      const ended = once(child, 'exit');
      await Promise.race([sleep(delay), ended]);
      child.kill('SIGKILL');
      await ended;
      if (child.signalCode !== 'SIGKILL') break;
      kills++;
      onProgress({ kills, resumed, campaigns, failures });
    }
    const found = verdictOf(verify(name));
    if (found.resumedFrom > 0) resumed++;
    const difference = firstDifference(comparable(whole), comparable(found));
    if (difference !== undefined)
      failures.push(
        `after ${kills} kills (seed ${seed}), ${name} of ${words.join(' ')} differs: ${difference}; kept in ${place}`,
      );
  }
  if (failures.length === 0) rmSync(place, { recursive: true, force: true });
  return { kills, resumed, campaigns, failures };
}

/** Everything but the name, and how much had been done before. */
const comparable = (verdict: Verdict): unknown => ({
  ...verdict,
  campaign: undefined,
  resumedFrom: undefined,
});

/** Where two values of JSON part, and what either has there. */
function firstDifference(expected: unknown, found: unknown, path = ''): string | undefined {
  if (Object.is(expected, found)) return undefined;
  const text = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 300);
  const here = `${path || 'the verdict'}: ${text(found)} instead of ${text(expected)}`;
  if (typeof expected !== 'object' || typeof found !== 'object' || !expected || !found) return here;
  const members = (value: object): ReadonlyMap<string, unknown> => new Map(Object.entries(value));
  const [left, right] = [members(expected), members(found)];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const difference = firstDifference(left.get(key), right.get(key), path === '' ? key : `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function verdictOf(args: readonly string[]): Verdict {
  const { stdout, status, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0 && status !== 1) throw new Error(`verify ended with ${String(status)}: ${stderr}`);
  return JSON.parse(stdout) as Verdict;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openIsochron } from '../../src/composition-root.ts';
import { Random } from '../../src/application/verification/generators/random.ts';

/**
 * SIGKILL at random moments of a recording. Every store must open without loss; a recording that had begun must be listed as
 * cut off, or finished if the kill came too late, and replay to its last durable event with every digest equal.
 */
const main = fileURLToPath(new URL('../../bin/isochron.js', import.meta.url));
/** Milliseconds that a recording is taken to last until one has shown how long it does. */
const assumedDuration = 2500;
const longestDuration = 60_000;
const guest = (name: string) => fileURLToPath(new URL(`../guests/bin/${name}`, import.meta.url));

/** Compute-bound, memory-bound with checkpoints, talkative, threaded, and one whose files lie on the host. */
const programs: readonly ((shared: string) => readonly string[])[] = [
  () => [guest('compute'), '300000000'],
  () => [guest('memory'), '1000000'],
  () => [guest('system')],
  () => [guest('floating')],
  () => [guest('threads')],
  (shared) => ['--mount', `${shared}:/shared`, guest('files'), '/shared'],
];

export interface KillTally {
  /** Killed before the first event was durable. */
  unborn: number;
  cutOff: number;
  /** The recording had been finished: killed just before the recorder ended, or late. */
  finished: number;
  /** Ended before the kill came. */
  late: number;
  /** What went wrong, with how to repeat it. */
  readonly failures: string[];
}

/**
 * Kills `kills` recordings, each at a random moment of the time that its program took so far. A recorder that ended before
 * its kill, or had not begun to record, is examined as well, but does not count as one of the `kills`.
 */
export async function killRecordings(
  kills: number,
  seed: bigint,
  onProgress: (tally: KillTally) => void = () => undefined,
): Promise<KillTally> {
  const random = new Random(seed);
  const tally: KillTally = { unborn: 0, cutOff: 0, finished: 0, late: 0, failures: [] };
  const durations = programs.map(() => assumedDuration);
  for (let killed = 0; killed < kills; killed = tally.cutOff + tally.finished - tally.late) {
    const place = mkdtempSync(join(tmpdir(), 'isochron-kill-'));
    const [directory, shared] = [join(place, 'store'), join(place, 'shared')];
    mkdirSync(shared);
    const which = random.below(programs.length);
    const program = programs[which]!(shared);
    const delay = random.below(Math.ceil(durations[which]!));
    const began = performance.now();
    const child = spawn(
      process.execPath,
      [main, 'run', '--record', 'victim', '--store', directory, ...program],
      { stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    await Promise.race([sleep(delay), ended]);
    child.kill('SIGKILL');
    await ended;
    if (child.signalCode !== 'SIGKILL') {
      tally.late++;
      durations[which] = performance.now() - began;
    }
    const born = tally.unborn;
    const failure = await examine(directory, child.exitCode, tally);
    // Killed while it was still starting: this machine is slower than was assumed, or than it was when the program was timed.
    if (tally.unborn > born) durations[which] = Math.min(longestDuration, durations[which]! * 1.2);
    if (failure === undefined) rmSync(place, { recursive: true, force: true });
    else
      tally.failures.push(
        `after ${killed} kills (seed ${seed}), killed after ${delay} ms of ${program.join(' ')}: ${failure}; kept in ${place}`,
      );
    onProgress(tally);
  }
  return tally;
}

/** What is wrong with the store, if anything. `exitCode`: the recorder's, null when it was killed. */
async function examine(
  directory: string,
  exitCode: number | null,
  tally: KillTally,
): Promise<string | undefined> {
  if (exitCode !== null && exitCode !== 0) return `the recorder ended with ${exitCode} by itself`;
  const isochron = await openIsochron({ directory });
  try {
    // A record that was being written is cut off and reported; nothing else may be missing.
    const losses = isochron.damage.filter(({ lost }) => !lost.startsWith('nothing'));
    if (losses.length > 0) return `opened with losses: ${JSON.stringify(losses)}`;
    const recordings = await isochron.list();
    const [recording] = recordings;
    if (recording === undefined) {
      if (exitCode === 0) return 'the recorder finished, but nothing is listed';
      tally.unborn++;
      return undefined;
    }
    const cutOff = recording.end.kind === 'cut-off';
    if (cutOff && exitCode === 0) return 'the recorder finished, but its recording is cut off';
    if (cutOff) tally.cutOff++;
    else tally.finished++;
    const replayed = await isochron.replay({ recording: recording.name });
    if (replayed.divergence !== undefined) return `diverged: ${JSON.stringify(replayed.divergence)}`;
    if (!replayed.complete || replayed.icount !== recording.icount)
      return `replayed ${replayed.icount} of ${recording.icount} instructions`;
    return undefined;
  } finally {
    await isochron.close();
  }
}

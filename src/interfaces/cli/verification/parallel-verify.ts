import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProcesses, type WorkerSurroundings } from '../worker-processes.ts';

/** A directory for a campaign that nobody wants to keep, removed at the end. */
export async function inTemporaryStore<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'isochron-verify-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs `verify` in as many processes, each with its part of the shards of one campaign. An interruption lets each finish the
 * instruction that it tries. Rejects with CommandFailure when one of them fails.
 */
export async function verifyInProcesses(
  jobs: number,
  words: readonly string[],
  surroundings: WorkerSurroundings,
): Promise<void> {
  const work = { words: ['verify', ...words], failure: 'a verifying process failed' };
  await inProcesses(jobs, work, surroundings);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../../package-root.ts';
import { CommandFailure } from '../usage-error.ts';

const isochron = fileURLToPath(new URL('bin/isochron.js', packageRoot));

/** A directory for a campaign that nobody wants to keep, removed at the end. */
export async function inTemporaryStore<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'isochron-verify-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export interface WorkerSurroundings {
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs `verify` in as many processes, each with its part of the shards of one campaign. An interruption lets each finish the
 * instruction that it tries. Rejects with CommandFailure when one of them fails.
 */
export async function verifyInProcesses(
  jobs: number,
  words: readonly string[],
  { signal, environment }: WorkerSurroundings,
): Promise<void> {
  const workers = Array.from({ length: jobs }, (_, index) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, isochron, 'verify', ...words, '--part', `${index + 1}/${jobs}`, '--json'],
      { env: { ...environment }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let errors = '';
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    return { child, errors: () => errors };
  });
  const stop = (): void => {
    for (const { child } of workers) child.kill('SIGINT');
  };
  signal.addEventListener('abort', stop);
  try {
    for (const { child, errors } of workers) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const ended = child.exitCode;
      if (ended === 0 || ended === 1 || signal.aborted) continue;
      throw new CommandFailure(
        'worker-failed',
        'a verifying process failed',
        errors()
          .trim()
          .replace(/^isochron: /, '') || `it ended with ${String(ended ?? child.signalCode)}`,
        'try fewer --jobs',
      );
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

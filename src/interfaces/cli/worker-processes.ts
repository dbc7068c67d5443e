import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../package-root.ts';
import { CommandFailure } from './usage-error.ts';

const isochron = fileURLToPath(new URL('bin/isochron.js', packageRoot));

export interface WorkerSurroundings {
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A command that several processes work at, and how it is called when it fails. */
export interface SharedWork {
  readonly words: readonly string[];
  readonly failure: string;
}

/**
 * Runs a command in as many processes, each with its `--part` of the work; gives what each wrote to standard output. An interruption
 * is passed on. Rejects with CommandFailure when one of them fails.
 */
export async function inProcesses(
  jobs: number,
  { words, failure }: SharedWork,
  { signal, environment }: WorkerSurroundings,
): Promise<readonly string[]> {
  const workers = Array.from({ length: jobs }, (_, index) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, isochron, ...words, '--part', `${index + 1}/${jobs}`, '--json'],
      { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text.stderr += part.toString()));
    return { child, text, closed: once(child, 'close') };
  });
  const stop = (): void => {
    for (const { child } of workers) child.kill('SIGINT');
  };
  signal.addEventListener('abort', stop);
  try {
    for (const { child, text, closed } of workers) {
      await closed;
      const ended = child.exitCode;
      if (ended === 0 || ended === 1 || signal.aborted) continue;
      throw new CommandFailure(
        'worker-failed',
        failure,
        text.stderr.trim().replace(/^isochron: /, '') || `it ended with ${String(ended ?? child.signalCode)}`,
        'try fewer --jobs',
      );
    }
    return workers.map(({ text }) => text.stdout);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

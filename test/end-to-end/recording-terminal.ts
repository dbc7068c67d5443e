import { fileURLToPath } from 'node:url';
import { runCli } from '../../src/interfaces/cli/cli.ts';
import type { Terminal } from '../../src/interfaces/cli/terminal.ts';

/** What a command wrote, and its exit status. */
export interface Written {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly store: string;
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interruption?: AbortSignal;
  readonly interactive?: boolean;
  /** Sees each piece of output as it is written. */
  readonly onWrite?: (to: 'stdout' | 'stderr', text: string) => void;
}

export const guest = (name: string): string =>
  fileURLToPath(new URL(`../guests/bin/${name}`, import.meta.url));

/** Runs one command line in this process, with the real composition root. */
export async function isochron(surroundings: Surroundings, ...words: string[]): Promise<Written> {
  const pieces = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const terminal: Terminal = {
    environment: { ISOCHRON_HOME: surroundings.store, ...surroundings.environment },
    workingDirectory: surroundings.workingDirectory ?? surroundings.store,
    columns: 100,
    interactive: surroundings.interactive ?? false,
    interruption: surroundings.interruption ?? new AbortController().signal,
    write(to, content) {
      pieces[to].push(Buffer.from(content as Uint8Array));
      surroundings.onWrite?.(to, Buffer.from(content as Uint8Array).toString());
    },
    styled: (_, style, text) => (surroundings.interactive ? `<${style}>${text}` : text),
  };
  const status = await runCli(words, terminal, await import('../../src/composition-root.ts'));
  return {
    status,
    stdout: Buffer.concat(pieces.stdout).toString(),
    stderr: Buffer.concat(pieces.stderr).toString(),
  };
}

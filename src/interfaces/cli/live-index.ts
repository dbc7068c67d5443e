import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../package-root.ts';
import type { Terminal } from './terminal.ts';

const isochron = fileURLToPath(new URL('bin/isochron.js', packageRoot));

/**
 * Another process that indexes a recording while this one makes it. It is in a process group of its own, so that Ctrl-C ends the run and
 * not the index, and goes on to the end of what was recorded should this process die.
 */
export class LiveIndex {
  readonly #recording: string;
  readonly #terminal: Terminal;
  readonly #child;
  readonly #ended: Promise<unknown>;
  #said = '';

  constructor(recording: string, store: string | undefined, terminal: Terminal) {
    this.#recording = recording;
    this.#terminal = terminal;
    const place =
      store === undefined || store.includes('://') ? store : resolve(terminal.workingDirectory, store);
    const words = ['index', recording, '--follow', ...(place === undefined ? [] : ['--store', place])];
    this.#child = spawn(process.execPath, [...process.execArgv, isochron, ...words], {
      env: { ...terminal.environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child.stderr!.on('data', (part: Buffer) => (this.#said += part.toString()));
    this.#ended = once(this.#child, 'exit').catch((error: unknown) => {
      this.#said += error instanceof Error ? error.message : String(error);
    });
  }

  /** Leaves it to itself: it indexes what there is. */
  abandon(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.stderr!.destroy();
    this.#child.unref();
  }

  /** Waits until all that was recorded is indexed, unless interrupted; says so where that could not be done. */
  async finish(): Promise<void> {
    const { interruption } = this.#terminal;
    const stop = (): void => {
      this.#child.kill('SIGINT');
    };
    if (this.#child.connected) this.#child.disconnect();
    interruption.addEventListener('abort', stop);
    await this.#ended;
    interruption.removeEventListener('abort', stop);
    if (this.#child.exitCode === 0) return;
    const why = this.#said.trim().replace(/^isochron: /, '') || 'it was interrupted';
    this.#terminal.write(
      'stderr',
      `isochron: ${this.#recording} is not indexed to its end: ${why}; \`isochron index ${this.#recording}\` goes on\n`,
    );
  }
}

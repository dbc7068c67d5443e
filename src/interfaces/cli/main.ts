import { type Composition, runCli } from './cli.ts';
import { hesitate, optimise } from './compiler-patience.ts';
import { exitStatus } from './exit-status.ts';
import { processTerminal } from './terminal.ts';

/** The process: signals, and the exit status. The first Ctrl-C asks for a clean stop, the second one kills. */

const interruption = new AbortController();
let firstSignal: number | undefined;
// A terminal signals the whole process group, and a parent may pass the signal on: what follows at once is the same one.
const sameSignalMs = 300;
const codes = { SIGINT: 130, SIGTERM: 143 } as const;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    firstSignal ??= performance.now();
    interruption.abort();
    if (performance.now() - firstSignal > sameSignalMs) process.exit(codes[signal]);
  });

const loaded = <T extends { onceLong(listener: () => void): void }>(module: T): T => {
  module.onceLong(optimise);
  // A process that ends before its event loop turns does without what this loads.
  setImmediate(hesitate).unref();
  return module;
};
const root = async () => loaded(await import('../../composition-root.ts'));
const composition: Composition = {
  openIsochron: async (options) => (await root()).openIsochron(options),
  openRunner: async (options) => loaded(await import('../../running-parts.ts')).openRunner(options),
  openCodeView: async () => (await root()).openCodeView(),
};
// Of a process that ends with work undone.
process.exitCode = exitStatus.failure;
void runCli(process.argv.slice(2), processTerminal(interruption.signal), composition).then((status) => {
  // What was written is written: at once, and taking the process apart would take longer than ending it.
  process.exit(status);
});

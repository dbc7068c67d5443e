import { resolve } from 'node:path';
import { guidanceKinds } from '../../../application/guidance/guidance.ts';
import type { RunResult } from '../../../application/isochron.ts';
import { command } from '../command.ts';
import { exitStatus, statusOfRun } from '../exit-status.ts';
import { GuestOutput } from '../guest-output.ts';
import { guestOptions, guestRequest, namingProgram } from '../guest-request.ts';
import { toJson } from '../json.ts';
import { choice, flag, text } from '../option-values.ts';
import { ProgressLine, uptimeMs } from '../progress.ts';
import { engineOption, jsonOption, storeOption } from '../shared-options.ts';
import { endReason } from '../status-text.ts';
import { columns, grouped, plural, quantity } from '../tables.ts';
import type { Terminal } from '../terminal.ts';
import { translationRows } from '../translation-rows.ts';
import { UsageError } from '../usage-error.ts';

const options = {
  record: text('NAME', 'record the run under this name', { short: 'r' }),
  index: flag(
    'with --record: index the recording while it is made, in another process (see `isochron index`)',
  ),
  ...engineOption,
  ...guestOptions,
  guidance: choice(
    'KIND',
    guidanceKinds,
    `what decides which code is translated when: ${guidanceKinds.join(', ')}`,
    {
      fallback: 'counter',
    },
  ),
  model: text('FILE', 'the model for --guidance learned, from `isochron profile train`', {
    complete: 'file',
    fallback: 'the one that comes with Isochron',
  }),
  stats: flag('print what was executed and recorded on standard error at the end'),
  ...jsonOption,
  ...storeOption,
} as const;

export const run = command({
  name: 'run',
  summary: 'run a RISC-V 64 Linux program, and record it if asked',
  operands: [
    {
      name: 'PROGRAM',
      summary: 'a static (or static-PIE) RISC-V 64 ELF executable',
      required: true,
      complete: 'file',
    },
    {
      name: 'ARGUMENT',
      summary: 'goes to the guest as it is, also when it looks like an option',
      required: false,
      repeated: true,
    },
  ],
  passThrough: true,
  options,
  description: [
    'Runs PROGRAM in user mode. The guest sees nothing of the host: no file, no environment variable, no network, no clock, no input, except what --mount, --env, --clock and --stdin give it. Its program file appears as /bin/PROGRAM.',
    'With --record, everything that the outside told the guest is kept as events under NAME, together with the program, checkpoints and digests. `isochron replay` needs nothing else. The same command, with the same inputs and seed, gives the same events.',
    'With --json the guest’s standard output goes to standard error, and standard output carries the result alone.',
    'The first Ctrl-C stops the run cleanly and keeps the recording; a second one kills. A system call that is not implemented returns ENOSYS and is named on standard error at the end.',
  ],
  exitStatuses: [
    ['0-255', 'the guest’s own exit code'],
    ['123', 'the guest deadlocked: every thread waits for something that cannot come'],
    ['124', '--max-instructions was reached'],
    ['129-192', 'the guest was killed by signal n: 128+n'],
  ],
  examples: [
    { command: 'isochron run --record first hello', says: 'run the program hello and record it as first' },
    {
      command: 'isochron run --mount ./data:/data:ro sort /data/words.txt',
      says: 'let the guest read one directory',
    },
    {
      command: 'isochron run --stdin words.txt --max-instructions 10M wc',
      says: 'give it input, and at most ten million instructions',
    },
  ],
  async run(invocation) {
    const { options: given, operands, terminal } = invocation;
    const request = {
      ...guestRequest(given, operands, terminal),
      record: given.record,
      digest: given.stats || given.json,
      guidance: given.guidance,
      model: await modelIn(given.model, terminal),
    };
    if (given.index && given.record === undefined)
      throw new UsageError('--index needs --record', 'what is not recorded cannot be indexed');
    const needsStore = given.record !== undefined || given.guidance === 'profile';
    const runner = await invocation.openRunner(needsStore ? undefined : 'none');
    // Starting processes takes modules that most runs do without.
    const { LiveIndex } = given.index ? await import('../live-index.ts') : {};
    const index = LiveIndex && new LiveIndex(given.record!, given.store, terminal);
    const output = new GuestOutput(terminal, given.json);
    const progress = new ProgressLine(terminal, operands[0]!);
    const begin = uptimeMs();
    const running = runner.run({
      ...request,
      output: (to, bytes) => {
        progress.clear();
        output.sink(to, bytes);
      },
      signal: output.signal,
      onProgress: progress.show,
    });
    const result = await running.catch((error: unknown) => {
      index?.abandon();
      throw namingProgram(error, operands[0]!);
    });
    progress.clear();
    const seconds = (uptimeMs() - begin) / 1000;
    await index?.finish();
    if (!output.closed || given.json) report(terminal, result, given, seconds);
    return output.closed ? exitStatus.outputClosed : statusOfRun(result.status);
  },
});

async function modelIn(file: string | undefined, terminal: Terminal) {
  if (file === undefined) return undefined;
  const { readModel } = await import('../promotion-model-file.ts');
  return readModel(resolve(terminal.workingDirectory, file));
}

function report(
  terminal: Terminal,
  result: RunResult,
  given: { readonly json: boolean; readonly stats: boolean },
  seconds: number,
): void {
  const say = (line: string) => terminal.write('stderr', `isochron: ${line}\n`);
  const unsupported = Object.entries(result.unsupported);
  if (unsupported.length > 0)
    say(
      `not implemented, answered ENOSYS: ${unsupported.map(([name, times]) => `${name} (${times}×)`).join(', ')}`,
    );
  if (result.status.kind !== 'exited') {
    const kept = result.recording === undefined ? '' : `; the recording ${result.recording} holds it`;
    say(
      `the guest was ${endReason(result.status).replace(/\.$/, '')}, at instruction ${grouped(result.icount)}${kept}`.replace(
        'was deadlocked',
        'is deadlocked',
      ),
    );
  }
  if (given.stats) terminal.write('stderr', statistics(result, seconds));
  if (given.json) terminal.write('stdout', toJson({ ...result, exitStatus: statusOfRun(result.status) }));
}

const statistics = (result: RunResult, seconds: number): string =>
  columns([
    ['engine', result.engine],
    ['end', endReason(result.status)],
    ['instructions', grouped(result.icount)],
    ['time', `${seconds.toFixed(3)} s (${quantity(result.icount / Math.max(seconds, 1e-6))} instructions/s)`],
    ...translationRows(result.statistics),
    ['asked of the host', plural(result.hostRequests, 'request')],
    ...(result.recording === undefined
      ? []
      : [['recorded', `${plural(result.events, 'event')} as ${result.recording}`]]),
    ...(result.chain === undefined ? [] : [['chain', result.chain]]),
    ...(result.digest === undefined ? [] : [['digest', result.digest]]),
  ]);

import { join } from 'node:path';
import type { Isochron, ReplayResult, RunResult } from '../../../application/isochron.ts';
import { bundledGuests } from '../bundled-guests.ts';
import { command } from '../command.ts';
import { divergenceText } from '../divergence-text.ts';
import { exitStatus } from '../exit-status.ts';
import { readWhole } from '../files.ts';
import { storeOption } from '../shared-options.ts';
import { endText } from '../status-text.ts';
import { bytesText, columns, grouped, plural } from '../tables.ts';
import type { Terminal } from '../terminal.ts';

const recording = 'demo';
const guest = 'hello';

export const demo = command({
  name: 'demo',
  summary: 'record a bundled program, replay it on the other engine, and report',
  operands: [],
  options: { ...storeOption },
  description: [
    `Records the bundled program ${guest} as ${recording} (an older recording of that name is replaced), replays it on the second engine, checks every digest, and prints what was recorded and how to look further.`,
  ],
  exitStatuses: [['1', 'the replay diverged']],
  examples: [{ command: 'isochron demo', says: 'a first look' }],
  async run({ options, terminal, open }) {
    const isochron = await open();
    const [first, second = first] = isochron.engines;
    const title = (text: string) =>
      terminal.write('stdout', `\n${terminal.styled('stdout', 'bold', text)}\n`);
    await forget(isochron);

    title(`1. Record ${guest}, a RISC-V 64 Linux program, on the ${first} engine`);
    const result = await isochron.run({
      program: readWhole(join(bundledGuests, guest)),
      programPath: `/bin/${guest}`,
      arguments: ['one', 'two'],
      environment: { A: '1' },
      record: recording,
      engine: first,
      signal: terminal.interruption,
      output: prefixed(terminal),
    });
    await reportRun(terminal, isochron, result);

    title(`2. Replay it on the ${second} engine, checking every digest`);
    const replay = await isochron.replay({
      recording,
      engine: second,
      verify: true,
      reference: first,
      signal: terminal.interruption,
    });
    reportReplay(terminal, replay, result);
    if (replay.divergence) return exitStatus.different;
    if (terminal.interruption.aborted) return exitStatus.interrupted;

    title('3. Look further');
    const store = options.store === undefined ? '' : ` --store ${options.store}`;
    terminal.write('stdout', furtherSteps(store, Math.floor(result.icount / 2)));
    return exitStatus.success;
  },
});

async function forget(isochron: Isochron): Promise<void> {
  if ((await isochron.names()).includes(recording)) await isochron.delete(recording);
}

/** The guest's output, marked as its own. */
const prefixed = (terminal: Terminal) => {
  const decoder = new TextDecoder();
  let begun = false;
  return (_to: 'stdout' | 'stderr', bytes: Uint8Array): void => {
    let text = '';
    for (const character of decoder.decode(bytes, { stream: true })) {
      if (!begun) text += '   | ';
      text += character;
      begun = character !== '\n';
    }
    terminal.write('stdout', text);
  };
};

async function reportRun(terminal: Terminal, isochron: Isochron, result: RunResult): Promise<void> {
  const summary = await isochron.show(recording);
  const types = Object.entries(summary.eventsByType).map(([type, times]) => `${type} ${times}`);
  terminal.write(
    'stdout',
    columns([
      ['   the guest', endText(result.status)],
      ['   instructions', grouped(result.icount)],
      ['   events', `${grouped(summary.events)} (${bytesText(summary.eventBytes)}): ${types.join(', ')}`],
      ['   digest chain', result.chain ?? 'none'],
    ]),
  );
}

function reportReplay(terminal: Terminal, replay: ReplayResult, run: RunResult): void {
  if (replay.divergence) {
    terminal.write(
      'stdout',
      `   ${terminal.styled('stdout', 'red', 'diverged')}: ${divergenceText(replay.divergence)}`,
    );
    return;
  }
  const same = replay.chain === run.chain ? terminal.styled('stdout', 'green', 'the same') : 'different!';
  terminal.write(
    'stdout',
    columns([
      ['   checked', `${plural(replay.digestsChecked, 'digest')}, ${plural(replay.eventsChecked, 'event')}`],
      ['   instructions', grouped(replay.icount)],
      ['   digest chain', same],
    ]),
  );
}

const furtherSteps = (store: string, middle: number): string =>
  columns([
    [`   npx isochron events ${recording}${store}`, 'what was recorded'],
    [`   npx isochron inspect ${recording} --at ${middle}${store}`, 'the machine in the middle of the run'],
    [`   npx isochron compare ${recording}${store}`, 'both engines in lock-step'],
    [`   npx isochron explain 'add a0, a1, a2'`, 'one instruction, from bits to WebAssembly'],
    ['   npx isochron --help', 'everything else'],
  ]);

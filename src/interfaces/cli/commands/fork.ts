import type { ForkResult } from '../../../application/branches/fork-request.ts';
import { instantAddress } from '../../../application/travel/instant.ts';
import type { TravelSession } from '../../../application/travel/travel.ts';
import type { Edit } from '../../../domain/virtual-machine/edit.ts';
import { hex } from '../../../domain/shared/bits.ts';
import { command, type Values } from '../command.ts';
import { editOptions, editText } from '../edits.ts';
import { exitStatus } from '../exit-status.ts';
import { GuestOutput } from '../guest-output.ts';
import { historyOrInstant, instantOperands } from '../instants.ts';
import { slotNamed } from '../../register-names.ts';
import { toJson } from '../json.ts';
import { count, flag, text } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, storeOption } from '../shared-options.ts';
import { endReason } from '../status-text.ts';
import { grouped, plural } from '../tables.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

const options = {
  name: text('NAME', 'the branch’s name', { fallback: 'fork-1, fork-2 …' }),
  ...editOptions,
  thread: count('ID', 'whose registers and memory are changed', { fallback: 'the thread whose turn it is' }),
  'max-instructions': count('N', 'stop when exactly N instructions have retired in all'),
  quiet: flag('do not print the guest’s output', 'q'),
  ...engineOption,
  ...jsonOption,
  ...storeOption,
} as const;

export const fork = command({
  name: 'fork',
  summary: 'make a branch of a recording: change something at an instant and run on',
  operands: [
    historyOrInstant,
    { name: 'COUNT', summary: 'the instruction count to depart at', required: false },
  ],
  options,
  description: [
    'Goes to the instant, changes what the options say, and runs the guest on from there. What happens is recorded as a branch that refers to its parent’s events up to the instant and copies none of them. A branch is named RECORDING/BRANCH wherever a recording is named, and its instants RECORDING/BRANCH/COUNT; it replays like any recording, and can be forked in turn.',
    'A branch never asks the outside. The guest gets the replies that its parent got to the same questions, standard input as its parent read it, and may write; a question that its parent does not answer ends the branch, and is named. So a branch depends on its parent and the changes alone.',
    'Events are numbered as `isochron events` prints them: --input and --answer change what the guest is told after the instant. With --json the guest’s output goes to standard error.',
  ],
  exitStatuses: [['1', 'the guest asked what its parent does not answer; the branch ends there']],
  examples: [
    {
      command: 'isochron fork first 0 --stdin 0=41 --name upper',
      says: 'what if the input had begun with A',
    },
    { command: 'isochron fork first/main/5000 --set a0=0', says: 'what if a function had returned 0' },
    { command: 'isochron fork first 1M --poke 0x12340=00000000', says: 'what if a variable had been 0' },
  ],
  async run({ options: given, operands, terminal, open }) {
    const { recording, icount } = instantOperands(operands);
    const isochron = await open();
    const output = new GuestOutput(terminal, given.json);
    const session = await isochron.travel({ recording, engine: given.engine });
    await session.seek(icount, terminal.interruption);
    const edits = editsOf(given, session);
    const progress = new ProgressLine(terminal, `forking ${recording}`);
    const result = await isochron.fork({
      recording,
      at: icount,
      branch: given.name,
      edits,
      engine: given.engine,
      maxInstructions: given['max-instructions'],
      signal: output.signal,
      onProgress: progress.show,
      output: (to, bytes) => {
        progress.clear();
        if (!given.quiet) output.sink(to, bytes);
      },
    });
    progress.clear();
    if (output.closed) return exitStatus.outputClosed;
    report(terminal, result);
    if (given.json) terminal.write('stdout', toJson(result));
    if (result.end.kind === 'unanswered') return exitStatus.different;
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

function editsOf(given: Values<typeof options>, session: TravelSession): readonly Edit[] {
  const thread = given.thread ?? session.currentThread;
  const registers = given.set.map(({ register, value }): Edit => {
    const slot = slotNamed(register, session.isa.layout.slots);
    if (slot === undefined)
      throw new UsageError(`there is no register ${register}`, 'give a name such as a0, x10, fa0 or pc');
    return { kind: 'register', thread, register: slot, value: hex(value) };
  });
  const memory = given.poke.map(({ address, bytes }): Edit => ({
    kind: 'memory',
    thread,
    address: hex(address),
    bytes,
  }));
  return [...registers, ...memory, ...given.stdin, ...given.file, ...given.input, ...given.answer];
}

function report(terminal: Terminal, result: ForkResult): void {
  const say = (line: string) => terminal.write('stderr', `isochron: ${line}\n`);
  for (const edit of result.unused) say(`the guest never came to see this change: ${editText(edit)}`);
  if (result.unanswered !== undefined)
    say(`the branch ends where its guest asks for what the recording has not: ${result.unanswered}`);
  const unsupported = Object.keys(result.unsupported);
  if (unsupported.length > 0) say(`not implemented, answered ENOSYS: ${unsupported.join(', ')}`);
  say(
    `${result.recording} departs at ${instantAddress(result.parent, result.at)} and has ${grouped(result.icount)} instructions: ${endReason(result.end)}; ${plural(result.events, 'event')} of its own`,
  );
}

import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf, historyOrInstant, instantOperands } from '../instants.ts';
import { registerText } from '../instant-text.ts';
import { toJson } from '../json.ts';
import { count } from '../option-values.ts';
import { engineOption, jsonOption, storeOption } from '../shared-options.ts';
import { CommandFailure } from '../usage-error.ts';

export const seek = command({
  name: 'seek',
  summary: 'go to an instant of a recording and print where that is',
  operands: [
    historyOrInstant,
    {
      name: 'COUNT',
      summary: 'instructions retired by then; not with an instant as the first operand',
      required: false,
    },
  ],
  options: {
    thread: count('ID', 'the thread to show', { fallback: 'the one whose turn it is' }),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Prints the instant, the thread, its registers, and the digest of all that the guest can see: the same every time, on every engine. `isochron inspect` shows code, memory and the call chain.',
  ],
  examples: [
    { command: 'isochron seek first 1000', says: 'the registers after 1000 instructions' },
    { command: 'isochron seek first/main/1000 --json', says: 'the same, for a script' },
  ],
  async run({ options, operands, terminal, open }) {
    const { recording, icount } = instantOperands(operands);
    const isochron = await open();
    const session = await isochron.travel({ recording, engine: options.engine });
    await session.seek(icount, terminal.interruption);
    terminal.interruption.throwIfAborted();
    const thread = options.thread ?? session.currentThread;
    const registers = session.registers(thread);
    const instant = addressOf(session, icount);
    if (registers === undefined)
      throw new CommandFailure(
        'unknown-thread',
        `there is no thread ${thread}`,
        instant,
        `threads then: ${session
          .threads()
          .map(({ id }) => id)
          .join(', ')}`,
      );
    const { state, process } = session.threads().find(({ id }) => id === thread)!;
    const [pc, digest] = [session.pc(thread), session.digest()];
    if (options.json)
      terminal.write('stdout', toJson({ instant, icount, thread, process, state, pc, registers, digest }));
    else
      terminal.write(
        'stdout',
        `${instant}: thread ${thread} of process ${process} (${state}), pc 0x${pc.toString(16)}\n${registerText(registers)}${digest}\n`,
      );
    return exitStatus.success;
  },
});

import type { GuestEvent } from '../../../application/ports/guest-event.ts';
import type { Search, TravelSession } from '../../../application/travel/travel.ts';
import { command } from '../command.ts';
import { codeAt, eventJson, eventText } from '../event-text.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf, instantIn, parseInstantWord } from '../instants.ts';
import { slotNamed } from '../../register-names.ts';
import { toJson } from '../json.ts';
import { count, parseRange, single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { UsageError } from '../usage-error.ts';

const shownBytes = 64;

export const whoWrote = command({
  name: 'who-wrote',
  summary: 'find what wrote memory or a register last',
  operands: [
    recordingOperand,
    {
      name: 'WHAT',
      summary: 'an address (8 bytes from there), ADDR:LEN, or a register’s name',
      required: true,
    },
  ],
  options: {
    before: single('INSTANT', 'look back from this instant', parseInstantWord, {
      fallback: 'the recording’s end',
    }),
    thread: count('ID', 'for a register: whose', { fallback: 'the thread whose turn it is then' }),
    process: count('ID', 'for memory: only in this process', { fallback: 'any' }),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Looks back from an instant for the last write of any of the bytes, by an instruction or by the system, or for the last instruction that wrote the register; prints it with the value before and after. It replays as much of the recording as it has to.',
  ],
  exitStatuses: [['1', 'nothing wrote it before that instant']],
  examples: [
    { command: 'isochron who-wrote first 0x12340', says: 'the last write of these 8 bytes in the whole run' },
    { command: 'isochron who-wrote first a0 --before 5000', says: 'where a0 had its value from' },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording, what] = operands as [string, string];
    const isochron = await open();
    const session = await isochron.travel({ recording, engine: options.engine });
    const before = options.before === undefined ? session.last : instantIn(options.before, recording);
    await session.seek(before, terminal.interruption);
    const register = slotNamed(what, session.isa.layout.slots);
    const range = register === undefined ? rangeOf(what) : undefined;
    const search: Search = range
      ? { memory: [{ access: 'write', ...range }], process: options.process }
      : {
          registers: [{ access: 'write', register: register! }],
          thread: options.thread ?? session.currentThread,
        };
    const progress = new ProgressLine(terminal, `looking back through ${recording}`);
    const control = { signal: terminal.interruption, onProgress: progress.show };
    const event = await session.previous(search, control);
    progress.clear();
    terminal.interruption.throwIfAborted();
    if (event === undefined) {
      if (options.json) terminal.write('stdout', toJson({ found: false }));
      else terminal.write('stderr', `isochron: nothing wrote ${what} before ${addressOf(session, before)}\n`);
      return exitStatus.different;
    }
    const value = (): string => valueOf(session, event, register ?? range!);
    const old = value();
    await session.step();
    const now = value();
    const instant = await isochron.inspect({ recording, at: event.icount, engine: options.engine });
    if (options.json) {
      terminal.write(
        'stdout',
        toJson({ found: true, ...eventJson(event, instant), before: old, after: now }),
      );
      return exitStatus.success;
    }
    const { symbol, text } = codeAt(instant, event);
    terminal.write(
      'stdout',
      `${addressOf(session, event.icount)}: ${eventText(event)}\n` +
        `thread ${event.thread} at 0x${event.pc.toString(16)}${symbol === undefined ? '' : ` in ${symbol}`}: ${text}\n` +
        `before ${old}\nafter  ${now}\n`,
    );
    return exitStatus.success;
  },
});

function rangeOf(what: string): { readonly address: bigint; readonly length: number } {
  if (!/^[\d]/.test(what))
    throw new UsageError(
      `${what} is no register and no address`,
      'give a register such as a0, or ADDR[:LEN]',
    );
  const range = parseRange(what);
  return what.includes(':') ? range : { ...range, length: 8 };
}

/** A register's value; or memory's: a number where it is one, else the bytes as they lie. */
function valueOf(
  session: TravelSession,
  { thread }: GuestEvent,
  what: string | { readonly address: bigint; readonly length: number },
): string {
  if (typeof what === 'string') return `0x${(session.registers(thread)?.get(what) ?? 0n).toString(16)}`;
  const { address, length } = what;
  const bytes = session.memory(address, Math.min(length, shownBytes), thread);
  if (bytes === undefined) return 'unmapped';
  if ([1, 2, 4, 8].includes(length))
    return `0x${Buffer.from(bytes)
      .reverse()
      .toString('hex')
      .replace(/^0+(?=.)/, '')}`;
  return `${Buffer.from(bytes).toString('hex')}${length > shownBytes ? '…' : ''}`;
}

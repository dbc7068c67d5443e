import { command } from '../command.ts';
import { eventFields, eventText } from '../event-text.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf, instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { count, single } from '../option-values.ts';
import { codeHere, placeOf, placeOperand, reportIndexDamage, searchFor, valueAt } from '../places.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';

export const whoWrote = command({
  name: 'who-wrote',
  summary: 'find what wrote memory or a register last',
  operands: [recordingOperand, placeOperand],
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
    'Looks back from an instant for the last write of any of the bytes, by an instruction or by the system, or for the last instruction that wrote the register; prints it with the value before and after. It replays as much of the recording as it has to, which is little where `isochron index` has indexed it.',
  ],
  exitStatuses: [['1', 'nothing wrote it before that instant']],
  examples: [
    { command: 'isochron who-wrote first 0x12340', says: 'the last write of these 8 bytes in the whole run' },
    { command: 'isochron who-wrote first a0 --before 5000', says: 'where a0 had its value from' },
    { command: 'isochron who-wrote first errno', says: 'the last write of a variable of the program' },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording, what] = operands as [string, string];
    const isochron = await open();
    const session = await isochron.travel({ recording, engine: options.engine });
    const before = options.before === undefined ? session.last : instantIn(options.before, recording);
    const place = await placeOf(what, session);
    // Which thread a register belongs to is seen there.
    if ('register' in place && options.thread === undefined)
      await session.seek(before, terminal.interruption);
    const search = searchFor(place, 'write', {
      thread: options.thread ?? session.currentThread,
      process: options.process,
    });
    const progress = new ProgressLine(terminal, `looking back through ${recording}`);
    const control = { signal: terminal.interruption, onProgress: progress.show };
    const event = await session.previous({ ...search, before }, control);
    progress.clear();
    reportIndexDamage(session, terminal);
    terminal.interruption.throwIfAborted();
    if (event === undefined) {
      if (options.json) terminal.write('stdout', toJson({ found: false }));
      else terminal.write('stderr', `isochron: nothing wrote ${what} before ${addressOf(session, before)}\n`);
      return exitStatus.different;
    }
    const old = valueAt(session, event, place);
    const { symbol, text } = await codeHere(session, event);
    await session.step();
    const now = valueAt(session, event, place);
    if (options.json)
      terminal.write(
        'stdout',
        toJson({
          found: true,
          ...eventFields(recording, event, { symbol, text }),
          before: old,
          after: now,
        }),
      );
    else
      terminal.write(
        'stdout',
        `${addressOf(session, event.icount)}: ${eventText(event)}\n` +
          `thread ${event.thread} at 0x${event.pc.toString(16)}${symbol === undefined ? '' : ` in ${symbol}`}: ${text}\n` +
          `before ${old}\nafter  ${now}\n`,
      );
    return exitStatus.success;
  },
});

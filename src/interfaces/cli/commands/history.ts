import { editsOf } from '../../../application/travel/fork-edits.ts';
import { command } from '../command.ts';
import { eventFields, eventText } from '../event-text.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf, instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { count, single } from '../option-values.ts';
import {
  codeHere,
  placeIn,
  placeOf,
  placeOperand,
  reportIndexDamage,
  searchFor,
  valueAt,
} from '../places.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns } from '../tables.ts';

const standardLimit = 100;

export const history = command({
  name: 'history',
  summary: 'list the values that memory or a register has had',
  operands: [recordingOperand, placeOperand],
  options: {
    from: single('INSTANT', 'begin here', parseInstantWord, { fallback: 'the beginning' }),
    to: single('INSTANT', 'end before this instant', parseInstantWord, { fallback: 'the recording’s end' }),
    limit: count('N', 'list at most so many', { fallback: String(standardLimit) }),
    thread: count('ID', 'for a register: whose', {
      fallback: 'the thread whose turn it is at the beginning',
    }),
    process: count('ID', 'for memory: only in this process', { fallback: 'any' }),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Lists every write of any of the bytes or of the register, by an instruction, by the system or by a fork, with the value that it left, also where that is the one there was before. With an index (`isochron index`), only the parts of the recording are replayed in which there is a write.',
  ],
  examples: [
    { command: 'isochron history first 0x12340:4', says: 'the values of these 4 bytes' },
    {
      command: 'isochron history first s0 --from 1000 --to 2000',
      says: 'what s0 was between two instants',
    },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording, what] = operands as [string, string];
    const isochron = await open();
    const session = await isochron.travel({ recording, engine: options.engine });
    const to = options.to === undefined ? session.last : instantIn(options.to, recording);
    await session.seek(
      options.from === undefined ? 0 : instantIn(options.from, recording),
      terminal.interruption,
    );
    const place = await placeOf(what, session);
    const whose = { thread: options.thread ?? session.currentThread, process: options.process };
    const search = searchFor(place, 'write', whose);
    const edits = [
      ...editsOf(session, placeIn(place, whose), {
        from: session.icount,
        until: options.to === undefined ? to : to - 1,
      }),
    ];
    const progress = new ProgressLine(terminal, `looking through ${recording}`);
    const control = { signal: terminal.interruption, onProgress: progress.show };
    const limit = options.limit ?? standardLimit;
    const rows: string[][] = [];
    let more = false;
    const listEdits = async (until: number): Promise<void> => {
      while (edits.length > 0 && edits[0]! <= until && rows.length < limit) {
        const icount = edits.shift()!;
        await session.seek(icount, terminal.interruption);
        const [instant, value] = [addressOf(session, icount), valueAt(session, whose, place)];
        if (options.json) terminal.write('stdout', toJson({ instant, icount, by: 'fork', value }));
        rows.push([instant, value, '', '', '', '', 'changed by the fork there']);
      }
    };
    while (session.icount < to) {
      const event = await session.next({ ...search, limit: to - session.icount }, control);
      if (event === undefined) break;
      if ((edits[0] ?? Infinity) <= event.icount) {
        const { icount } = session;
        await listEdits(event.icount);
        await session.seek(icount, terminal.interruption);
      }
      more = rows.length === limit;
      if (more) break;
      const code = await codeHere(session, event);
      const value = valueAt(session, event, place);
      if (options.json) terminal.write('stdout', toJson({ ...eventFields(recording, event, code), value }));
      rows.push([
        addressOf(session, event.icount),
        value,
        `thread ${event.thread}`,
        `0x${event.pc.toString(16)}`,
        code.symbol ?? '',
        code.text,
        eventText(event),
      ]);
    }
    if (!more) await listEdits(to);
    progress.clear();
    terminal.interruption.throwIfAborted();
    reportIndexDamage(session, terminal);
    if (!options.json) terminal.write('stdout', columns(rows));
    if (rows.length === 0) terminal.write('stderr', `isochron: nothing writes ${what} there\n`);
    if (more)
      terminal.write(
        'stderr',
        `isochron: there is more from ${addressOf(session, session.icount - 1)} on; see --limit and --from\n`,
      );
    return exitStatus.success;
  },
});

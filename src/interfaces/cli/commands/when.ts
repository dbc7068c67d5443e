import type { GuestEvent } from '../../../application/ports/guest-event.ts';
import { parseCondition } from '../../../application/travel/condition.ts';
import type { Search, TravelSession, WatchedRange } from '../../../application/travel/travel.ts';
import type { AccessKind } from '../../../application/ports/stops.ts';
import { command, type Values } from '../command.ts';
import { eventJson, eventRow } from '../event-text.ts';
import { exitStatus } from '../exit-status.ts';
import { instantIn, parseInstantWord } from '../instants.ts';
import { slotNamed } from '../../register-names.ts';
import { toJson } from '../json.ts';
import {
  type AddressRange,
  count,
  flag,
  parseAddress,
  parseRange,
  repeated,
  single,
  text,
} from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns } from '../tables.ts';
import { UsageError } from '../usage-error.ts';

const standardLimit = 20;

const options = {
  executes: repeated('ADDR', 'the instruction at ADDR is about to execute', parseAddress),
  reads: repeated('ADDR[:LEN]', 'any of these bytes is read', parseRange),
  writes: repeated('ADDR[:LEN]', 'any of these bytes is written, changed or not', parseRange),
  'reads-register': repeated('NAME', 'an instruction reads the register', (word) => word),
  'writes-register': repeated('NAME', 'an instruction writes the register', (word) => word),
  syscall: flag('a system call is made'),
  signal: flag('a signal is delivered'),
  switch: flag('the turn goes to another thread'),
  if: text('CONDITION', 'only where this holds, such as `a0 > 5 && u8[sp + 3] == 0`'),
  thread: count('ID', 'only in this thread'),
  process: count('ID', 'only in this process'),
  from: single('INSTANT', 'look from here on, forwards', parseInstantWord, { fallback: 'the beginning' }),
  before: single('INSTANT', 'look back from here: the last one first', parseInstantWord),
  limit: count('N', 'list at most so many', { fallback: String(standardLimit) }),
  ...engineOption,
  ...jsonOption,
  ...storeOption,
} as const;

export const when = command({
  name: 'when',
  summary: 'list the instants at which something happens in a recording',
  operands: [recordingOperand],
  options,
  description: [
    'Looks through the recording by replaying it, with breakpoints and watchpoints, for whichever of the events is asked for. Each line is an instant: the instruction count before the instruction in whose course the event happens.',
    'Accesses to memory are those of instructions and of the system, such as read(2) into a buffer. A condition has numbers, registers, memory as [ADDR] (8 bytes) or u8[ADDR] to i64[ADDR], and C’s operators on signed 64-bit integers; it is judged before an instruction at --executes, and right after an access.',
  ],
  examples: [
    { command: 'isochron when first --syscall', says: 'the first system calls' },
    {
      command: 'isochron when first --writes 0x12340:8 --before 1M',
      says: 'who wrote there before, the last one first',
    },
    {
      command: 'isochron when first --executes 0x10430 --if "a0 == 0"',
      says: 'where a function is called with 0',
    },
  ],
  async run({ options: given, operands, terminal, open }) {
    const [recording] = operands as [string];
    if (given.from !== undefined && given.before !== undefined)
      throw new UsageError('--from and --before cannot go together', 'give one of them');
    const isochron = await open();
    const session = await isochron.travel({ recording, engine: given.engine });
    const search = searchOf(given, session);
    const start = given.before ?? given.from;
    await session.seek(start === undefined ? 0 : instantIn(start, recording), terminal.interruption);
    const progress = new ProgressLine(terminal, `looking through ${recording}`);
    const control = { signal: terminal.interruption, onProgress: progress.show };
    const found: GuestEvent[] = [];
    while (found.length < (given.limit ?? standardLimit)) {
      const event = await (given.before === undefined
        ? session.next(search, control)
        : session.previous(search, control));
      if (event === undefined) break;
      found.push(event);
    }
    progress.clear();
    terminal.interruption.throwIfAborted();
    const instant = await isochron.inspect({
      recording,
      at: found.at(-1)?.icount ?? 0,
      engine: given.engine,
    });
    if (given.json) for (const event of found) terminal.write('stdout', toJson(eventJson(event, instant)));
    else if (found.length > 0)
      terminal.write('stdout', columns(found.map((event) => eventRow(event, instant))));
    else terminal.write('stderr', 'isochron: it does not happen\n');
    return exitStatus.success;
  },
});

/** What the options ask for. Throws UsageError where they ask for nothing. */
function searchOf(given: Values<typeof options>, session: TravelSession): Search {
  const { slots } = session.isa.layout;
  const slotOf = (name: string) => slotNamed(name, slots);
  const registers = (access: AccessKind, names: readonly string[]) =>
    names.map((name) => {
      const register = slotOf(name);
      if (register === undefined)
        throw new UsageError(`there is no register ${name}`, 'give a name such as a0, x10 or fa0');
      return { access, register };
    });
  const ranges = (access: AccessKind, list: readonly AddressRange[]): WatchedRange[] =>
    list.map((range) => ({ access, ...range }));
  const search = {
    breakpoints: given.executes,
    memory: [...ranges('read', given.reads), ...ranges('write', given.writes)],
    registers: [
      ...registers('read', given['reads-register']),
      ...registers('write', given['writes-register']),
    ],
    events: [
      ...(given.syscall ? (['system-call'] as const) : []),
      ...(given.signal ? (['signal'] as const) : []),
      ...(given.switch ? (['thread-switch'] as const) : []),
    ],
  };
  if (Object.values(search).every((list) => list.length === 0))
    throw new UsageError(
      'nothing to look for is given',
      'give --executes, --writes, --syscall or another event',
    );
  const condition = given.if === undefined ? undefined : parseCondition(given.if, slotOf);
  return {
    ...search,
    thread: given.thread,
    process: given.process,
    where: condition && ((event, moment) => condition(moment, event.thread)),
  };
}

import type { GuestEvent } from '../../../application/ports/guest-event.ts';
import { lastEdit } from '../../../application/travel/fork-edits.ts';
import { callHere } from '../../../application/travel/last-write.ts';
import { command, type Invocation } from '../command.ts';
import { eventFields, eventText } from '../event-text.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf } from '../instants.ts';
import { toJson } from '../json.ts';
import { type LookingBack, lookBack, lookingBackOperands, lookingBackOptions } from '../looking-back.ts';
import { codeHere, reportIndexDamage, searchFor, valueAt } from '../places.ts';

export const whoWrote = command({
  name: 'who-wrote',
  summary: 'find what wrote memory or a register last',
  operands: lookingBackOperands,
  options: lookingBackOptions,
  description: [
    'Looks back from an instant for the last write of any of the bytes or of the register, by an instruction or by the system: the result of a system call, what one wrote into memory, a signal, another program’s beginning, or the change with which a branch departs from its parent; prints it with the value before and after. It replays as much of the recording as it has to, which is little where `isochron index` has indexed it.',
  ],
  exitStatuses: [['1', 'nothing wrote it since the recording’s start; what it has held since then is said']],
  examples: [
    { command: 'isochron who-wrote first 0x12340', says: 'the last write of these 8 bytes in the whole run' },
    { command: 'isochron who-wrote first a0 --before 5000', says: 'where a0 had its value from' },
    { command: 'isochron who-wrote first errno', says: 'the last write of a variable of the program' },
  ],
  async run(invocation) {
    const { options, terminal } = invocation;
    const looking = await lookBack(invocation);
    const { session, place, before, progress } = looking;
    const control = { signal: terminal.interruption, onProgress: progress.show };
    const wanted = {
      thread: options.thread ?? session.currentThread,
      process: options.process,
    };
    const event = await session.previous({ ...searchFor(place, 'write', wanted), before }, control);
    progress.clear();
    reportIndexDamage(session, terminal);
    terminal.interruption.throwIfAborted();
    const edited = lastEdit(session, place, {
      from: event === undefined ? 0 : event.icount + 1,
      until: before,
    });
    if (edited !== undefined) return reportEdit(looking, edited, invocation);
    if (event === undefined) return reportNothing(looking, invocation);
    return reportWrite(looking, event, invocation);
  },
});

type Asked = Pick<Invocation<typeof lookingBackOptions>, 'options' | 'terminal'>;

async function reportWrite(
  { session, place }: LookingBack,
  event: GuestEvent,
  { options, terminal }: Asked,
): Promise<number> {
  const bySystem = event.kind === 'watchpoint' && event.by === 'system';
  const control = { signal: terminal.interruption };
  const call = bySystem ? await callHere(session, event, control) : undefined;
  await session.seek(event.icount, terminal.interruption);
  const before = valueAt(session, event, place);
  const { symbol, text } = await codeHere(session, event);
  await session.step();
  const after = valueAt(session, event, place);
  if (options.json) {
    const fields = eventFields(session.recording, event, { symbol, text });
    terminal.write('stdout', toJson({ found: true, ...fields, call, before, after }));
  } else
    terminal.write(
      'stdout',
      `${addressOf(session, event.icount)}: ${eventText(event)}${call === undefined ? '' : `: ${call}`}\n` +
        `thread ${event.thread} at 0x${event.pc.toString(16)}${symbol === undefined ? '' : ` in ${symbol}`}: ${text}\n` +
        `before ${before}\nafter  ${after}\n`,
    );
  return exitStatus.success;
}

async function reportEdit(
  { session, place }: LookingBack,
  icount: number,
  { options, terminal }: Asked,
): Promise<number> {
  await session.seek(icount, terminal.interruption);
  const thread = place.kind === 'register' ? place.thread : session.currentThread;
  const after = valueAt(session, { thread }, place);
  const instant = addressOf(session, icount);
  terminal.write(
    'stdout',
    options.json
      ? toJson({ found: true, instant, icount, by: 'fork', after })
      : `${instant}: changed by the fork there\nafter  ${after}\n`,
  );
  return exitStatus.success;
}

/** Nothing wrote it: it has what the program began with, or is not mapped. */
async function reportNothing(
  { session, place, what, before }: LookingBack,
  { options, terminal }: Asked,
): Promise<number> {
  await session.seek(before, terminal.interruption);
  const thread = place.kind === 'register' ? place.thread : session.currentThread;
  const value = valueAt(session, { thread }, place);
  if (options.json) terminal.write('stdout', toJson({ found: false, value }));
  else
    terminal.write(
      'stderr',
      `isochron: nothing wrote ${what} before ${addressOf(session, before)}: ${
        value === 'unmapped'
          ? 'it is not mapped there'
          : `it has been ${value} since before the recording’s start, or since it was mapped or its thread began`
      }\n`,
    );
  return exitStatus.different;
}

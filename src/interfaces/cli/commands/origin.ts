import type { OriginPlace } from '../../../application/travel/last-write.ts';
import { type OriginStep, traceOrigin } from '../../../application/travel/origin.ts';
import { registerName } from '../../register-names.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf, instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { count, single } from '../option-values.ts';
import { codeHere, placeOf, placeOperand, reportIndexDamage } from '../places.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns } from '../tables.ts';

const standardLimit = 20;

export const origin = command({
  name: 'origin',
  summary: 'follow a value back to the inputs and constants that it was made of',
  operands: [recordingOperand, placeOperand],
  options: {
    before: single('INSTANT', 'the value at this instant', parseInstantWord, {
      fallback: 'the recording’s end',
    }),
    limit: count('N', 'follow at most N writes', { fallback: String(standardLimit) }),
    thread: count('ID', 'for a register: whose', { fallback: 'the thread whose turn it is then' }),
    process: count('ID', 'for memory: only in this process', { fallback: 'any' }),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Finds the last write of the register or of the bytes before the instant, then the last writes of whatever registers and memory that instruction took, and so on, the latest first, until a system call, a signal, a constant, or what the program began with. Each line is a write: its number, what it wrote, where, and the numbers of the writes that it took its operands from.',
    'Values are followed, addresses and conditions are not: a load comes from what was stored there, not from the pointer. `…` stands for a write that is beyond the limit. It is fast in long recordings when they have an index (`isochron index`).',
  ],
  examples: [
    { command: 'isochron origin first a0 --before 5000', says: 'what a0 was computed from' },
    { command: 'isochron origin first 0x12340:8 --limit 50', says: 'where 8 bytes came from' },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording, what] = operands as [string, string];
    const isochron = await open();
    const session = await isochron.travel({ recording, engine: options.engine });
    const before = options.before === undefined ? session.last : instantIn(options.before, recording);
    await session.seek(before, terminal.interruption);
    const found = await placeOf(what, session);
    const place: OriginPlace =
      'register' in found
        ? { kind: 'register', ...found, thread: options.thread ?? session.currentThread }
        : { kind: 'memory', ...found, process: options.process };
    const progress = new ProgressLine(terminal, `looking back through ${recording}`);
    const { steps, complete } = await traceOrigin(
      session,
      { place, before },
      {
        limit: options.limit ?? standardLimit,
        signal: terminal.interruption,
        onProgress: progress.show,
      },
    );
    progress.clear();
    terminal.interruption.throwIfAborted();
    reportIndexDamage(session, terminal);
    const lines: string[][] = [];
    for (const [number, step] of steps.entries()) {
      const { icount, pc, thread } = step;
      if (icount !== undefined) await session.seek(icount, terminal.interruption);
      const code =
        pc === undefined || thread === undefined ? undefined : await codeHere(session, { pc, thread });
      if (options.json)
        terminal.write(
          'stdout',
          toJson({
            number,
            instant: icount === undefined ? undefined : addressOf(session, icount),
            ...step,
            ...code,
          }),
        );
      lines.push([
        `#${number}`,
        icount === undefined ? '' : addressOf(session, icount),
        `${placeText(step.place)} = 0x${step.value.toString(16)}`,
        code?.symbol ?? '',
        code?.text ?? '',
        reasonText(step),
      ]);
    }
    if (!options.json) terminal.write('stdout', columns(lines));
    if (!complete) terminal.write('stderr', 'isochron: more was not followed; see --limit\n');
    return exitStatus.success;
  },
});

const placeText = (place: OriginPlace): string =>
  place.kind === 'register'
    ? registerName(place.register)
    : `[0x${place.address.toString(16)}:${place.length}]`;

function reasonText({ by, call, sources }: OriginStep): string {
  const taken = sources
    .map(({ place, step }) => `${placeText(place)} ${step === undefined ? '…' : `#${step}`}`)
    .join(', ');
  const from = taken === '' ? '' : ` (with ${taken})`;
  switch (by) {
    case 'computed':
      return `from ${taken}`;
    case 'constant':
      return `a constant${from}`;
    case 'counter':
      return `a counter${from}`;
    case 'system':
      return `${call === undefined ? 'by the system' : `by the system: ${call}`}${from}`;
    case 'beginning':
      return 'there from the beginning';
  }
}

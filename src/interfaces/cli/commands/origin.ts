import type { OriginPlace } from '../../../application/travel/origin-place.ts';
import { type OriginStep, traceOrigin } from '../../../application/travel/origin.ts';
import { registerName } from '../../register-names.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { addressOf } from '../instants.ts';
import { toJson } from '../json.ts';
import { lookBack, lookingBackOperands, lookingBackOptions } from '../looking-back.ts';
import { count } from '../option-values.ts';
import { codeHere, reportIndexDamage } from '../places.ts';
import { columns } from '../tables.ts';

const standardLimit = 20;

export const origin = command({
  name: 'origin',
  summary: 'follow a value back to the inputs and constants that it was made of',
  operands: lookingBackOperands,
  options: {
    ...lookingBackOptions,
    limit: count('N', 'follow at most N writes', { fallback: String(standardLimit) }),
  },
  description: [
    'Finds the last write of the register or of the bytes before the instant, then the last writes of whatever registers and memory that instruction took, and so on, the latest first, until a system call, a signal, a constant, or what the program began with. Each line is a write: its number, what it wrote, where, and the numbers of the writes that it took its operands from.',
    'Values are followed, addresses and conditions are not: a load comes from what was stored there, not from the pointer. `…` stands for a write that is beyond the limit. It is fast in long recordings when they have an index (`isochron index`).',
  ],
  examples: [
    { command: 'isochron origin first a0 --before 5000', says: 'what a0 was computed from' },
    { command: 'isochron origin first 0x12340:8 --limit 50', says: 'where 8 bytes came from' },
  ],
  async run(invocation) {
    const { options, terminal } = invocation;
    const { session, place, before, progress } = await lookBack(invocation);
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
    case 'fork':
      return 'changed by the fork there';
    case 'beginning':
      return 'there from the beginning';
  }
}

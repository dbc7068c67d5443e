import type { OriginPlace } from '../../application/travel/origin-place.ts';
import type { TravelSession } from '../../application/travel/travel.ts';
import type { Invocation } from './command.ts';
import { instantIn, parseInstantWord } from './instants.ts';
import { count, single } from './option-values.ts';
import { placeIn, placeOf, placeOperand } from './places.ts';
import { ProgressLine } from './progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from './shared-options.ts';

/** What the commands share that look back from an instant for what put a value into a place. */
export const lookingBackOperands = [recordingOperand, placeOperand] as const;

export const lookingBackOptions = {
  before: single('INSTANT', 'look back from this instant', parseInstantWord, {
    fallback: 'the recording’s end',
  }),
  thread: count('ID', 'for a register: whose', { fallback: 'the thread whose turn it is then' }),
  process: count('ID', 'for memory: only in this process', { fallback: 'any' }),
  ...engineOption,
  ...jsonOption,
  ...storeOption,
} as const;

export interface LookingBack {
  readonly session: TravelSession;
  /** The place as it was written. */
  readonly what: string;
  readonly place: OriginPlace;
  readonly before: number;
  readonly progress: ProgressLine;
}

/** Opens the recording and finds the place; the cursor is anywhere. Throws UsageError. */
export async function lookBack({
  options,
  operands,
  terminal,
  open,
}: Pick<
  Invocation<typeof lookingBackOptions>,
  'options' | 'operands' | 'terminal' | 'open'
>): Promise<LookingBack> {
  const [recording, what] = operands as [string, string];
  const isochron = await open();
  const session = await isochron.travel({ recording, engine: options.engine });
  const before = options.before === undefined ? session.last : instantIn(options.before, recording);
  const found = await placeOf(what, session);
  // Which thread a register belongs to is seen there.
  if ('register' in found && options.thread === undefined) await session.seek(before, terminal.interruption);
  const whose = { thread: options.thread ?? session.currentThread, process: options.process };
  return {
    session,
    what,
    place: placeIn(found, whose),
    before,
    progress: new ProgressLine(terminal, `looking back through ${recording}`),
  };
}

import type {
  Cause,
  DiffResult,
  FirstDifference,
  OutputDifference,
  PlaceInCode,
  StateDifference,
  SystemCallAt,
} from '../../application/diff/diff-request.ts';
import { hex } from '../../domain/shared/bits.ts';
import { editText } from './edits.ts';
import { registerName } from '../register-names.ts';
import { endText } from './status-text.ts';
import { columns, grouped, plural } from './tables.ts';

/** So many registers, ranges and lines are listed. */
const most = 20;

/** What differs between two histories, for people. */
export function diffText(result: DiffResult): string {
  const { left, right, cause, first, parting, state, calls, output } = result;
  const names = [left.recording, right.recording] as const;
  if (first === undefined && left.icount === right.icount)
    return `${names.join(' and ')} are the same: ${grouped(left.icount)} instructions\n`;
  const ways = parting && [
    `\nways part at instruction ${grouped(parting.icount)}${parting.exact ? '' : ' at the latest'}\n`,
    columns([
      [`  ${names[0]}`, placeText(parting.left)],
      [`  ${names[1]}`, placeText(parting.right)],
    ]),
  ];
  return [
    ...(cause === undefined ? [] : [`cause: ${causeText(cause, names)}\n`]),
    first === undefined
      ? cause?.kind === 'setup'
        ? 'the states are equal wherever they were compared: at doubling distances, and at the end of what both have\n'
        : 'the states are equal as far as both go\n'
      : `first difference ${firstText(first, names)}`,
    ...(ways ?? (first === undefined ? [] : ['\nboth go the same way\n'])),
    ...(state === undefined ? [] : [stateText(state, names)]),
    ...(calls?.first === undefined
      ? []
      : [
          `\nsystem calls from there on: ${grouped(calls.same)} the same, then\n`,
          columns([
            [`  ${names[0]}`, callText(calls.first.left)],
            [`  ${names[1]}`, callText(calls.first.right)],
          ]),
        ]),
    ...output.map(outputText),
    '\n',
    columns(
      [left, right].map((side) => [
        side.recording,
        `${endText(side.end)} after ${plural(side.icount, 'instruction')}`,
      ]),
    ),
  ].join('');
}

const placeText = ({ thread, pc, text, symbol }: PlaceInCode): string =>
  `${pc}: ${text}${symbol === undefined ? '' : ` in ${symbol}`} (thread ${thread})`;

function causeText(cause: Cause, [left, right]: readonly [string, string]): string {
  switch (cause.kind) {
    case 'setup':
      return cause.fields.map(({ field, expected, found }) => `${field} ${expected} and ${found}`).join('; ');
    case 'edits':
      return `${cause.recording} was forked at instruction ${grouped(cause.icount)}${cause.edits.length === 0 ? '' : `: ${cause.edits.map(editText).join(', ')}`}`;
    case 'reply': {
      const [mine, other] = [cause.left, cause.right].map((reply) =>
        reply === undefined ? 'nothing more' : `${reply.call} (event ${reply.revision})`,
      );
      return `at instruction ${grouped(cause.icount)}, what was replied: ${mine!} in ${left}, ${other!} in ${right}`;
    }
  }
}

function firstText(first: FirstDifference, [left, right]: readonly [string, string]): string {
  const where =
    first.instruction === undefined
      ? `at instruction ${grouped(first.differsAt)}, before it executes`
      : `at instruction ${grouped(first.agreedAt)}: ${placeText(first.instruction)}`;
  const fields = first.fields.map(({ field, expected, found }) => [`  ${field}`, expected, found]);
  const latest = first.exact ? '' : ' (at the latest; one that came and went before may have been missed)';
  return `${where}${latest}\n${columns([['  field', left, right], ...fields])}`;
}

function stateText(state: StateDifference, [left, right]: readonly [string, string]): string {
  const title = `\nat instruction ${grouped(state.icount)}`;
  const threads = [
    ...state.onlyLeft.map((id) => `  thread ${id} is only in ${left}\n`),
    ...state.onlyRight.map((id) => `  thread ${id} is only in ${right}\n`),
  ].join('');
  if (state.registers.length === 0 && state.memory.length === 0 && threads === '')
    return `${title}: registers and memory are equal\n`;
  const registers = state.registers
    .slice(0, most)
    .map(({ thread, register, left: mine, right: other }) => [
      `  ${registerName(register)} of thread ${thread}`,
      hex(mine),
      hex(other),
    ]);
  const ranges = state.memory
    .slice(0, most)
    .map(({ address, length, region, left: mine, right: other }) => [
      `  ${hex(address)}:${length} ${region}`.trimEnd(),
      bytesText(mine, length),
      bytesText(other, length),
    ]);
  const rest = [
    ...more(state.registers.length, 'register'),
    ...more(state.memory.length, 'range of memory'),
  ].join('');
  return `${title}: ${plural(state.registers.length, 'register')}, ${plural(state.bytes, 'byte')} of memory differ\n${columns([['  what', left, right], ...registers, ...ranges])}${rest}${threads}`;
}

const more = (count: number, noun: string): string[] =>
  count > most ? [`  and ${grouped(count - most)} more: ${noun}\n`] : [];

const bytesText = (bytes: Uint8Array, length: number): string =>
  `${Buffer.from(bytes.subarray(0, 16)).toString('hex')}${length > 16 ? '…' : ''}`;

const callText = (call: SystemCallAt | undefined): string =>
  call === undefined ? 'none' : `${call.call} at instruction ${grouped(call.icount)} (thread ${call.thread})`;

function outputText({ to, left, right }: OutputDifference): string {
  const lines = (mark: string, list: readonly string[]): string =>
    list
      .slice(0, most)
      .map((line) => `  ${mark} ${line}\n`)
      .join('') + (list.length > most ? `  ${mark} and ${plural(list.length - most, 'more line')}\n` : '');
  return `\n${to}\n${lines('-', left)}${lines('+', right)}`;
}

import type { AnyCommand, Operand, Option } from './command.ts';
import { commonExitStatuses } from './exit-status.ts';

/** A command's manual as data; printed for a terminal here, and as Markdown by `manual-page.ts`. */
export interface ManualSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Entries with an explanation each: options, operands, statuses, examples. */
  readonly entries: readonly (readonly [term: string, explanation: string])[];
}

export function manualOf(command: AnyCommand): readonly ManualSection[] {
  const sections: ManualSection[] = [
    { title: 'NAME', paragraphs: [`isochron ${command.name} - ${command.summary}`], entries: [] },
    { title: 'SYNOPSIS', paragraphs: [synopsis(command)], entries: [] },
    { title: 'DESCRIPTION', paragraphs: command.description, entries: command.operands.map(operandEntry) },
    {
      title: 'OPTIONS',
      paragraphs: [],
      entries: [
        ...Object.entries(command.options).map(([name, option]) => optionEntry(name, option)),
        ['--help', 'print this manual'] as const,
      ],
    },
    {
      title: 'EXIT STATUS',
      paragraphs: [],
      entries: statusesOf(command),
    },
    {
      title: 'EXAMPLES',
      paragraphs: [],
      entries: command.examples.map((example) => [example.command, example.says] as const),
    },
  ];
  return sections.filter((section) => section.paragraphs.length + section.entries.length > 0);
}

/** The common statuses and the command's own; where both speak of one, the command's word counts. */
function statusesOf({ exitStatuses = [] }: AnyCommand): readonly (readonly [string, string])[] {
  const own = new Set(exitStatuses.map(([status]) => Number.parseInt(status, 10)));
  const common = commonExitStatuses.filter(([status]) => !own.has(Number(status)));
  return [...common, ...exitStatuses].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

const operandText = ({ name, required, repeated }: Operand): string => {
  const word = repeated ? `${name}...` : name;
  return required ? word : `[${word}]`;
};

export const synopsis = (command: AnyCommand): string =>
  [
    `isochron ${command.name}`,
    '[OPTION...]',
    ...(command.passThrough ? ['[--]'] : []),
    ...command.operands.map(operandText),
  ].join(' ');

const operandEntry = (operand: Operand): readonly [string, string] => [operand.name, operand.summary];

function optionEntry(name: string, option: Option): readonly [string, string] {
  const value = option.kind === 'flag' ? '' : ` ${option.placeholder}`;
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const notes = [
    ...(option.kind !== 'flag' && option.fallback !== undefined ? [`default: ${option.fallback}`] : []),
    ...(option.kind === 'repeated' ? ['may be repeated'] : []),
  ];
  return [`${short}--${name}${value}`, option.summary + (notes.length === 0 ? '' : ` (${notes.join('; ')})`)];
}

/** The manual for a terminal of `columns` columns; `bold` marks the section titles. */
export function printManual(
  command: AnyCommand,
  columns: number,
  bold: (text: string) => string = (text) => text,
): string {
  const width = Math.max(40, Math.min(columns, 100));
  const lines: string[] = [];
  for (const section of manualOf(command)) {
    lines.push(bold(section.title));
    for (const paragraph of section.paragraphs) lines.push(...wrap(paragraph, width, 4), '');
    for (const [term, explanation] of section.entries)
      lines.push(`    ${term}`, ...wrap(explanation, width, 10), '');
  }
  return lines.join('\n');
}

/** Fills lines of at most `width` columns, indented. */
export function wrap(text: string, width: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(' '.repeat(indent) + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, ' '.repeat(indent) + line];
}

/** The list of commands that bare `isochron` prints. */
export function printOverview(commands: readonly AnyCommand[], bold: (text: string) => string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'isochron records RISC-V Linux programs, replays them bit for bit, and shows any instant of a run.',
    '',
    bold('USAGE'),
    '    isochron COMMAND [OPTION...] [OPERAND...]',
    '',
    bold('COMMANDS'),
    ...commands.map(({ name, summary }) => `    ${name.padEnd(width)}  ${summary}`),
    '',
    bold('OPTIONS OF EVERY COMMAND'),
    `    ${'--help'.padEnd(width)}  print the command’s manual`,
    `    ${'--version'.padEnd(width)}  print the version (without a command)`,
    '',
    bold('ENVIRONMENT'),
    `    ${'ISOCHRON_HOME'.padEnd(width)}  the store that --store would name (default: .isochron)`,
    `    ${'ISOCHRON_CACHE'.padEnd(width)}  where what only saves time is kept; empty: nowhere (default: ~/.cache/isochron)`,
    `    ${'NO_COLOR'.padEnd(width)}  when set, output is not coloured`,
    '',
  ].join('\n');
}

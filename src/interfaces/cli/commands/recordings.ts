import { resolve } from 'node:path';
import type { Isochron, RecordingSummary } from '../../../application/isochron.ts';
import { command } from '../command.ts';
import { isDamage } from '../error-line.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { flag, text } from '../option-values.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { endReason, endText } from '../status-text.ts';
import { bytesText, columns, grouped } from '../tables.ts';

const list = command({
  name: 'recordings list',
  summary: 'list the recordings of a store',
  operands: [],
  options: { names: flag('print names only, one a line'), ...jsonOption, ...storeOption },
  description: [
    'Prints one line for each recording: its name, length, events, how it ended, and its command.',
  ],
  exitStatuses: [['1', 'a recording is damaged; the list names it']],
  examples: [{ command: 'isochron recordings list', says: 'what is recorded here' }],
  async run({ options, terminal, open }) {
    const isochron = await open();
    const names = await isochron.names();
    if (options.names && !options.json) {
      terminal.write('stdout', names.map((name) => `${name}\n`).join(''));
      return exitStatus.success;
    }
    const entries = await Promise.all(names.map((name) => entryOf(isochron, name)));
    if (options.json) terminal.write('stdout', toJson(entries));
    else if (entries.length === 0)
      terminal.write('stdout', 'no recordings; make one with `isochron run --record NAME PROGRAM`\n');
    else terminal.write('stdout', listing(entries));
    return entries.some((entry) => 'damaged' in entry) ? exitStatus.different : exitStatus.success;
  },
});

type Entry = RecordingSummary | { readonly name: string; readonly damaged: string };

/** One damaged recording does not hide the others. */
async function entryOf(isochron: Isochron, name: string): Promise<Entry> {
  try {
    return await isochron.show(name);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { name, damaged: error.message };
  }
}

const listing = (entries: readonly Entry[]): string =>
  columns([
    ['NAME', 'INSTRUCTIONS', 'EVENTS', 'END', 'COMMAND'],
    ...entries.map((entry) =>
      'damaged' in entry
        ? [entry.name, '?', '?', 'damaged', entry.damaged]
        : [
            entry.name,
            grouped(entry.icount),
            grouped(entry.events),
            endText(entry.end),
            [entry.program.path, ...entry.arguments].join(' '),
          ],
    ),
  ]);

const show = command({
  name: 'recordings show',
  summary: 'describe one recording',
  operands: [recordingOperand],
  options: { ...jsonOption, ...storeOption },
  description: ['Prints what was run, what was recorded, and how the run ended.'],
  examples: [{ command: 'isochron recordings show first', says: 'describe the recording first' }],
  async run({ options, operands, terminal, open }) {
    const summary = await (await open()).show(operands[0]!);
    terminal.write('stdout', options.json ? toJson(summary) : description(summary));
    return 0;
  },
});

function description(summary: RecordingSummary): string {
  const { program, mounts, checkpoints } = summary;
  const environment = Object.entries(summary.environment).map(([name, value]) => `${name}=${value}`);
  const types = Object.entries(summary.eventsByType).map(([type, times]) => `${type} ${grouped(times)}`);
  const unsupported = Object.entries(summary.unsupported).map(([name, times]) => `${name} (${times}×)`);
  const none = (values: readonly string[]) => (values.length === 0 ? 'none' : values.join(', '));
  return columns([
    ['name', summary.name],
    ['program', `${program.path} (${summary.isa}, ${bytesText(program.size)}, sha256 ${program.digest})`],
    [
      'arguments',
      summary.arguments.length === 0
        ? 'none'
        : summary.arguments.map((word) => JSON.stringify(word)).join(' '),
    ],
    ['environment', none(environment)],
    ['working directory', summary.workingDirectory],
    ['mounts', none(mounts.map(({ guest, readOnly }) => `${guest}${readOnly ? ' (read-only)' : ''}`))],
    ['seed', summary.seed],
    ['clock', new Date(Number(BigInt(summary.epoch) / 1_000_000n)).toISOString()],
    ['memory', bytesText(summary.memorySize)],
    ['instructions', grouped(summary.icount)],
    ['end', endReason(summary.end)],
    ['not implemented', none(unsupported)],
    ['events', `${grouped(summary.events)} (${bytesText(summary.eventBytes)}): ${types.join(', ')}`],
    [
      'checkpoints',
      checkpoints.length === 0
        ? 'none'
        : `${grouped(checkpoints.length)}, the last at instruction ${grouped(checkpoints.at(-1)!)}`,
    ],
    ['chain', summary.chain ?? 'none'],
  ]);
}

const remove = command({
  name: 'recordings delete',
  summary: 'delete recordings and the blobs that only they use',
  operands: [{ ...recordingOperand, repeated: true }],
  options: { ...jsonOption, ...storeOption },
  description: ['Deletes each RECORDING for good. What other recordings share with it stays.'],
  examples: [{ command: 'isochron recordings delete first', says: 'delete the recording first' }],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    // All or nothing when a name is wrong; a recording that is damaged can be deleted all the same.
    const names = await isochron.names();
    for (const name of operands) if (!names.includes(name)) await isochron.show(name);
    for (const name of operands) {
      const freed = await isochron.delete(name);
      terminal.write(
        'stdout',
        options.json
          ? toJson({ deleted: name, bytesFreed: freed })
          : `deleted ${name}, ${bytesText(freed)} freed\n`,
      );
    }
    return 0;
  },
});

const exportOne = command({
  name: 'recordings export',
  summary: 'write a recording, with all that it needs, to one file',
  operands: [
    recordingOperand,
    { name: 'FILE', summary: 'the new file; default RECORDING.isochron', required: false, complete: 'file' },
  ],
  options: { ...jsonOption, ...storeOption },
  description: [
    'The file holds every event and blob of the recording with checksums, so it can be replayed on another machine after `isochron recordings import`.',
  ],
  examples: [{ command: 'isochron recordings export first', says: 'write first.isochron' }],
  async run({ options, operands, terminal, open }) {
    const [name, file = `${name!}.isochron`] = operands;
    await (await open()).exportTo(name!, resolve(terminal.workingDirectory, file));
    terminal.write(
      'stdout',
      options.json ? toJson({ exported: name, file }) : `exported ${name} to ${file}\n`,
    );
    return 0;
  },
});

const importOne = command({
  name: 'recordings import',
  summary: 'read a file that export wrote',
  operands: [
    {
      name: 'FILE',
      summary: 'a file written by `isochron recordings export`',
      required: true,
      complete: 'file',
    },
  ],
  options: {
    name: text('NAME', 'the recording’s name here', { fallback: 'the one it was exported under' }),
    ...jsonOption,
    ...storeOption,
  },
  description: ['Every checksum is verified before anything is kept.'],
  examples: [
    { command: 'isochron recordings import first.isochron --name theirs', says: 'import under another name' },
  ],
  async run({ options, operands, terminal, open }) {
    const name = await (
      await open()
    ).importFrom(resolve(terminal.workingDirectory, operands[0]!), options.name);
    terminal.write('stdout', options.json ? toJson({ imported: name }) : `imported ${name}\n`);
    return 0;
  },
});

export const recordings = [list, show, remove, exportOne, importOne];

import type { Instant, ThreadAtInstant } from '../../../application/isochron.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { instantJson, registerText } from '../instant-text.ts';
import { toJson } from '../json.ts';
import { instantIn, parseInstantWord } from '../instants.ts';
import { count, flag, parseRange, repeated, single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns, grouped, hexDump } from '../tables.ts';
import { CommandFailure } from '../usage-error.ts';

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export const inspect = command({
  name: 'inspect',
  summary: 'show a recorded machine at any instruction',
  operands: [recordingOperand],
  options: {
    at: single('INSTANT', 'stand where so many instructions have retired', parseInstantWord, {
      fallback: 'the last instant at which the guest is there',
    }),
    registers: flag('print the registers'),
    disassemble: flag('print the code around pc'),
    backtrace: flag('print the call chain'),
    memory: repeated('ADDR[:LEN]', 'print guest memory', parseRange),
    maps: flag('print the address space’s regions'),
    threads: flag('print every thread'),
    thread: count('ID', 'the thread to show', { fallback: 'the one that runs next' }),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Goes to the instruction count N, from the nearest checkpoint, and prints the machine as it was. Nothing is changed: the same instant is the same every time, on every engine.',
    'Without any of --registers, --disassemble, --backtrace, --memory, --maps and --threads: the first three.',
  ],
  examples: [
    {
      command: 'isochron inspect first --at 1000',
      says: 'registers, code and call chain after 1000 instructions',
    },
    {
      command: 'isochron inspect first --at 1000 --memory 0x10000:32',
      says: '32 bytes of memory at that instant',
    },
    { command: 'isochron inspect first --maps', says: 'the address space just before the end' },
  ],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    const progress = new ProgressLine(terminal, `going to the instant`);
    const goTo = (at: number): Promise<Instant> =>
      isochron.inspect({
        recording: operands[0]!,
        at,
        engine: options.engine,
        signal: terminal.interruption,
        onProgress: progress.show,
      });
    const end =
      options.at === undefined
        ? (await isochron.show(operands[0]!)).icount
        : instantIn(options.at, operands[0]!);
    let instant = await goTo(end);
    // Nothing is left of a guest that its last instruction ended.
    if (options.at === undefined && instant.threads.length === 0 && end > 0) instant = await goTo(end - 1);
    progress.clear();
    const thread = threadOf(instant, options.thread);
    const ranges = options.memory.map((range) => ({ ...range, bytes: memoryOf(instant, range) }));
    if (options.json) {
      terminal.write('stdout', toJson(instantJson(instant, thread, ranges)));
      return exitStatus.success;
    }
    const asked =
      options.registers ||
      options.disassemble ||
      options.backtrace ||
      options.maps ||
      options.threads ||
      ranges.length > 0;
    const title = (text: string) => `\n${terminal.styled('stdout', 'bold', text)}\n`;
    let text = heading(instant, thread);
    if (options.registers || !asked) text += title('registers') + registerText(thread.registers);
    if (options.disassemble || !asked) text += title('code') + codeText(instant, thread);
    if (options.backtrace || !asked) text += title('backtrace') + backtraceText(instant, thread);
    for (const { address, bytes } of ranges)
      text += title(`memory at ${hex(address)}`) + hexDump(bytes, address);
    if (options.maps) text += title('address space') + mapsText(instant);
    if (options.threads) text += title('threads') + threadsText(instant);
    terminal.write('stdout', text);
    return exitStatus.success;
  },
});

function threadOf(instant: Instant, id: number = instant.current): ThreadAtInstant {
  if (instant.threads.length === 0)
    throw new CommandFailure(
      'guest-ended',
      'the guest has ended by then, and nothing is left to show',
      `${instant.recording} at instruction ${instant.icount}`,
      `give --at ${Math.max(0, instant.icount - 1)}, or no --at`,
    );
  const thread =
    instant.threads.find((candidate) => candidate.id === id) ??
    (id === instant.current ? instant.threads[0] : undefined);
  if (thread) return thread;
  const ids = instant.threads.map((candidate) => candidate.id).join(', ');
  throw new CommandFailure(
    'unknown-thread',
    `there is no thread ${id}`,
    `${instant.recording} at instruction ${instant.icount}`,
    `threads then: ${ids}`,
  );
}

function memoryOf(instant: Instant, { address, length }: { address: bigint; length: number }): Uint8Array {
  const bytes = instant.memory(address, length);
  if (bytes) return bytes;
  throw new CommandFailure(
    'unmapped',
    `not all of ${hex(address)}:${length} is mapped`,
    `${instant.recording} at instruction ${instant.icount}`,
    'see --maps',
  );
}

const statusWords = (instant: Instant): string =>
  instant.status.kind === 'exited' ? `exited with ${instant.status.code}` : instant.status.kind;

const heading = (instant: Instant, thread: ThreadAtInstant): string =>
  `${instant.recording} at instruction ${grouped(instant.icount)}: ${statusWords(instant)}, thread ${thread.id} (${thread.state}${thread.waitingFor === undefined ? '' : `, waits for ${thread.waitingFor}`}), pc ${hex(thread.pc)}${thread.symbol === undefined ? '' : ` in ${thread.symbol}`}\n`;

function codeText(instant: Instant, thread: ThreadAtInstant): string {
  const lines = instant.disassemble({ thread: thread.id });
  if (lines.length === 0) return 'no executable memory at pc\n';
  let symbol: string | undefined;
  return columns(
    lines.flatMap((line) => {
      const label =
        line.symbol !== undefined && line.symbol !== symbol ? line.symbol.replace(/\+.*$/, '') : undefined;
      const isNew = label !== undefined && label !== symbol?.replace(/\+.*$/, '');
      symbol = line.symbol;
      const mark = line.address === thread.pc ? '=>' : '  ';
      const digits = Buffer.from(line.bytes).reverse().toString('hex');
      return [
        ...(isNew ? [[`   ${label}:`]] : []),
        [`${mark} ${line.address.toString(16)}`, digits, line.text],
      ];
    }),
  );
}

function backtraceText(instant: Instant, thread: ThreadAtInstant): string {
  const frames = instant.backtrace(thread.id);
  if (frames.length === 0) return 'no frames\n';
  return columns(frames.map(({ pc, symbol, by }, depth) => [`#${depth}`, hex(pc), symbol ?? '?', `(${by})`]));
}

const permissionText = (bits: number): string =>
  `${bits & 1 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 4 ? 'x' : '-'}`;

const mapsText = (instant: Instant): string =>
  columns(
    instant.regions.map(({ start, end, permissions, name }) => [
      `${start.toString(16).padStart(8, '0')}-${end.toString(16).padStart(8, '0')}`,
      permissionText(permissions),
      name,
    ]),
  );

const threadsText = (instant: Instant): string =>
  columns(
    instant.threads.map(({ id, state, waitingFor, pc, symbol }) => [
      String(id),
      state + (waitingFor === undefined ? '' : `: ${waitingFor}`),
      hex(pc),
      symbol ?? '',
    ]),
  );

import type { DisassembledLine, InspectRequest, Instant, ThreadAtInstant } from './isochron.ts';
import type { GuestMachine } from './ports/guest-machine.ts';
import { permission } from './ports/guest-memory.ts';
import { backtrace } from './inspection/backtrace.ts';
import { programSymbols } from './inspection/program-symbols.ts';
import type { SymbolTable } from './inspection/symbols.ts';
import { readSlots } from './recording/machine-difference.ts';
import { RecordingError } from './recording/recording-error.ts';
import { Replayer, type ReplayParts } from './recording/replayer.ts';
import { startingPoint } from './recording/starting-point.ts';
import { recordingOutline } from './replay-recording.ts';
import { chosenEngine } from './run-program.ts';

/**
 * Stands at one instruction count of a recording: starts from the nearest checkpoint before it and replays the rest.
 * Throws `instant-out-of-range` beyond the recording's end.
 */
export async function inspectRecording(request: InspectRequest, parts: ReplayParts): Promise<Instant> {
  const { recording, at } = request;
  const engine = chosenEngine(parts.guests, request.engine);
  const { icount: end } = await recordingOutline(recording, parts);
  if (!Number.isSafeInteger(at) || at < 0 || at > end)
    throw new RecordingError(
      'instant-out-of-range',
      `${recording} has instructions 0 to ${end.toString()}; it cannot be inspected at ${at.toString()}`,
      { recording, at, end },
    );
  const from = await startingPoint(recording, at, parts.stores);
  const replayer = await Replayer.open(recording, engine, parts, { from });
  try {
    // A guest that has ended has no registers and no memory: at the end, what led to it is to be seen.
    await replayer.seek(at, {
      ending: false,
      signal: request.signal,
      onProgress: ({ icount }) => request.onProgress?.({ icount, total: at }),
    });
  } finally {
    await replayer.close();
  }
  request.signal?.throwIfAborted();
  const symbols = await programSymbols(recording, parts.stores);
  return instantOf(recording, replayer.machine, symbols);
}

function instantOf(recording: string, machine: GuestMachine, symbols: SymbolTable): Instant {
  const { isa, memory } = machine;
  const read = (address: bigint, length: number, need?: number): Uint8Array | undefined => {
    if (address < 0n || length < 0 || address + BigInt(length) > BigInt(memory.size)) return undefined;
    const bytes = memory.read(Number(address), length, need);
    return bytes instanceof Uint8Array ? bytes : undefined;
  };
  const threads = machine.threads().map((thread): ThreadAtInstant => {
    const registers = readSlots(thread.cpu, isa.layout);
    const pc = registers.get(isa.layout.pc.name) ?? 0n;
    const { id, state, waitingFor } = thread;
    return { id, state, waitingFor, pc, symbol: symbols.describe(pc), registers };
  });
  const current = (threads.find(({ state }) => state === 'running') ?? threads[0])?.id ?? 0;
  const threadNamed = (id = current): ThreadAtInstant => {
    const thread = threads.find((candidate) => candidate.id === id);
    if (thread !== undefined) return thread;
    const known = threads.map((candidate) => candidate.id.toString()).join(', ');
    throw new RecordingError(
      'invalid-request',
      `there is no thread ${id.toString()} at this instant; ${known === '' ? 'all have ended' : `there are: ${known}`}`,
    );
  };
  const lineAt = (address: bigint): DisassembledLine => {
    for (let length = isa.maxLength; length > 0; length -= isa.alignment) {
      const window = read(address, length, permission.execute);
      if (window === undefined) continue;
      const decoded = isa.decode(window);
      const known = typeof decoded === 'object';
      const bytes = window.subarray(0, known ? decoded.length : isa.alignment);
      const text = known
        ? isa.disassemble(decoded, address)
        : `.insn 0x${[...bytes]
            .reverse()
            .map((byte) => byte.toString(16).padStart(2, '0'))
            .join('')}`;
      return { address, bytes, text, symbol: symbols.describe(address) };
    }
    return { address, bytes: new Uint8Array(), text: '(not executable)', symbol: undefined };
  };
  const run = (address: bigint, count: number): DisassembledLine[] => {
    const lines: DisassembledLine[] = [];
    for (let at = address; lines.length < count;) {
      const line = lineAt(at);
      lines.push(line);
      if (line.bytes.length === 0) break;
      at += BigInt(line.bytes.length);
    }
    return lines;
  };
  /** The `count` instructions before pc: the longest run of decodable ones, from further back, that meets pc exactly. */
  const leadingTo = (pc: bigint, count: number): DisassembledLine[] => {
    for (let back = count * isa.maxLength; back > 0; back -= isa.alignment) {
      if (BigInt(back) > pc) continue;
      const lines = run(pc - BigInt(back), Math.ceil(back / isa.alignment)).filter(
        ({ address }) => address < pc,
      );
      const last = lines.at(-1);
      const meets = last !== undefined && last.address + BigInt(last.bytes.length) === pc;
      if (meets && lines.every(({ text }) => !text.startsWith('.insn') && !text.startsWith('(')))
        return lines.slice(-count);
    }
    return [];
  };
  return {
    recording,
    icount: machine.icount,
    engine: machine.engine,
    isa,
    status: machine.status,
    digest: machine.digest(),
    threads,
    current,
    regions: machine.regions(),
    memory: (address, length) => read(address, length, 0),
    disassemble(options = {}) {
      const count = options.count ?? 16;
      if (options.address !== undefined) return run(options.address, count);
      const { pc } = threadNamed(options.thread);
      const before = Math.min(options.before ?? 4, count);
      const lead = before === 0 ? [] : leadingTo(pc, before);
      return [...lead, ...run(pc, count - lead.length)];
    },
    backtrace(thread) {
      const { registers } = threadNamed(thread);
      const isCode = (address: bigint): boolean =>
        read(address, isa.alignment, permission.execute) !== undefined;
      return backtrace({
        isa,
        registers,
        symbols,
        memory: (address, length) => read(address, length, 0),
        isCode,
      });
    },
  };
}

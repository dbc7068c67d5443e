import type { TravelSession } from '../../application/travel/travel.ts';
import { Debuggee, type Direction, type StopReport } from './debuggee.ts';
import { FileIo } from './file-io.ts';
import { type Fork, monitor } from './monitor.ts';
import { bytesOfHex, hexOf } from './packet.ts';
import { allRegisters, oneRegister } from './registers.ts';
import { piece, type Transfers, transfersOf } from './transfers.ts';

/** Bytes of a packet that we take and give. */
const packetSize = 0x1_0000;
const supported = `PacketSize=${packetSize.toString(16)};QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;qXfer:auxv:read+;qXfer:exec-file:read+;qXfer:threads:read+;ReverseStep+;ReverseContinue+;QPassSignals+;swbreak+;hwbreak+;vContSupported+`;
const refused = 'E.a recording cannot be changed';
const malformed = 'E01';
const noMemory = 'E14';
const notThere = 'E00';

/** What the answer to a packet is, beside text: to stop talking. */
export const bye = Symbol('bye');
export type Answer = string | typeof bye;

const hex = (digits: string): number => Number.parseInt(digits, 16);
const watchKinds = { '2': 'write', '3': 'read', '4': 'any' } as const;

/** What is debugged. */
export interface Debugged {
  readonly session: TravelSession;
  /** Bytes of guest address space. */
  readonly memorySize: number;
  readonly program: () => Promise<Uint8Array>;
  readonly fork: Fork;
}

/** Answers the packets of one debugger (GDB manual, appendix E). Unknown packets get the empty answer, which says so. */
export class GdbSession {
  readonly #session: TravelSession;
  readonly #debuggee: Debuggee;
  readonly #transfers: Transfers;
  readonly #files: FileIo;
  readonly #marks: number[] = [];
  readonly #print: (text: string) => void;
  readonly #fork: Fork;
  /** The threads that registers and memory (`g`), and resuming (`c`), are about; 0: any. */
  readonly #threads = { g: 0, c: 0 };
  #abort = new AbortController();
  /** Set when the debugger asked to do without acknowledgements. */
  noAcknowledgements = false;

  /** `print`: has the debugger print text while the guest runs. */
  constructor({ session, memorySize, program, fork }: Debugged, print: (text: string) => void) {
    this.#session = session;
    this.#fork = fork;
    this.#debuggee = new Debuggee(session);
    this.#transfers = transfersOf(session, memorySize);
    this.#files = new FileIo(session, session.process().programPath, program);
    this.#print = print;
  }

  /** Stops the guest where it is; one that does not run yet, as soon as it does. */
  interrupt(): void {
    this.#abort.abort();
  }

  async answer(packet: string): Promise<Answer> {
    switch (packet[0]) {
      case '?':
        return stopReply(this.#debuggee.stopped);
      case 'g':
        return allRegisters(this.#session, this.#general) ?? notThere;
      case 'p':
        return oneRegister(this.#session, this.#general, hex(packet.slice(1))) ?? notThere;
      case 'm':
        return this.#memory(packet.slice(1));
      case 'G':
      case 'P':
      case 'M':
      case 'X':
        return refused;
      case 'H':
        return this.#choose(packet);
      case 'T':
        return this.#isThere(hex(packet.slice(1))) ? 'OK' : notThere;
      case 'Z':
      case 'z':
        return this.#stops(packet);
      case 'c':
      case 'C':
        return this.#resume(undefined, 'forwards');
      case 's':
      case 'S':
        return this.#resume(this.#resumed, 'forwards');
      case 'b':
        if (packet === 'bs') return this.#resume(this.#resumed, 'backwards');
        return packet === 'bc' ? this.#resume(undefined, 'backwards') : '';
      case 'D':
      case 'k':
        return bye;
      case 'v':
        return this.#verbose(packet);
      case 'q':
      case 'Q':
        return this.#query(packet);
      default:
        return '';
    }
  }

  get #general(): number {
    const { g } = this.#threads;
    return this.#isThere(g) ? g : this.#debuggee.stopped.thread;
  }

  get #resumed(): number {
    const { c } = this.#threads;
    return this.#isThere(c) ? c : this.#debuggee.stopped.thread;
  }

  #isThere(thread: number): boolean {
    return this.#session.threads().some(({ id }) => id === thread);
  }

  #choose(packet: string): string {
    const kind = packet[1];
    const thread = hex(packet.slice(2));
    if (kind !== 'g' && kind !== 'c') return malformed;
    if (thread > 0 && !this.#isThere(thread)) return notThere;
    this.#threads[kind] = Math.max(0, thread);
    return 'OK';
  }

  /** `ADDR,LENGTH`. What is not mapped ends the answer early. */
  #memory(range: string): string {
    const [address = '', digits = ''] = range.split(',');
    const length = Math.min(hex(digits), packetSize / 2);
    if (!/^[0-9a-f]+$/i.test(address) || Number.isNaN(length)) return malformed;
    const start = BigInt(`0x${address}`);
    // Pages are mapped as wholes: what cannot be read to its end may be to the end of an earlier page.
    for (let count = length; count > 0; count -= Number((start + BigInt(count) - 1n) % 4096n) + 1) {
      const bytes = this.#session.memory(start, count, this.#general);
      if (bytes !== undefined) return hexOf(bytes);
    }
    return length === 0 ? '' : noMemory;
  }

  /** `Z0,ADDR,KIND` and the like. */
  #stops(packet: string): string {
    const found = /^([Zz])([0-4]),([0-9a-f]+),([0-9a-f]+)/i.exec(packet);
    if (!found) return '';
    const [, verb, type, address, length] = found as unknown as [string, string, string, string, string];
    const { breakpoints, watchpoints } = this.#debuggee;
    const at = BigInt(`0x${address}`);
    if (type === '0' || type === '1') {
      if (verb === 'Z') breakpoints.add(at);
      else breakpoints.delete(at);
      return 'OK';
    }
    const key = packet.slice(1);
    const access = watchKinds[type as keyof typeof watchKinds];
    if (hex(length) < 1) return malformed;
    if (verb === 'Z') watchpoints.set(key, { access, address: at, length: hex(length) });
    else watchpoints.delete(key);
    return 'OK';
  }

  /** Continues, or steps a thread. */
  async #resume(step: number | undefined, direction: Direction): Promise<string> {
    const { signal } = this.#abort;
    const report = await (step === undefined
      ? this.#debuggee.continue(direction, signal)
      : this.#debuggee.step(step, direction, signal));
    this.#abort = new AbortController();
    this.#threads.g = 0;
    return stopReply(report);
  }

  async #verbose(packet: string): Promise<Answer> {
    if (packet === 'vCont?') return 'vCont;c;C;s;S';
    if (packet.startsWith('vFile:')) return this.#files.answer(packet.slice('vFile:'.length));
    if (packet.startsWith('vKill')) return bye;
    if (!packet.startsWith('vCont;')) return '';
    // Whatever the other threads are told, they do what they did.
    const step = /^vCont;(?:[cC][^;]*;)*[sS][^:;]*(?::([0-9a-f]+))?/i.exec(packet);
    if (!step) return this.#resume(undefined, 'forwards');
    return this.#resume(step[1] === undefined ? this.#resumed : hex(step[1]), 'forwards');
  }

  async #query(packet: string): Promise<string> {
    const [name = ''] = packet.split(/[:,;]/, 1);
    const rest = packet.slice(name.length + 1);
    switch (name) {
      case 'qSupported':
        return supported;
      case 'QStartNoAckMode':
        this.noAcknowledgements = true;
        return 'OK';
      case 'QPassSignals':
        this.#debuggee.passSignals = new Set(rest.split(';').filter(Boolean).map(hex));
        return 'OK';
      case 'qC':
        return `QC${this.#general.toString(16)}`;
      case 'qAttached':
        return '1';
      case 'qfThreadInfo':
        return `m${this.#session
          .threads()
          .map(({ id }) => id.toString(16))
          .join(',')}`;
      case 'qsThreadInfo':
        return 'l';
      case 'qThreadExtraInfo':
        return this.#threadInfo(hex(rest));
      case 'qSymbol':
        return 'OK';
      case 'qRcmd':
        return this.#monitor(Buffer.from(bytesOfHex(rest)).toString());
      case 'qXfer':
        return this.#transfer(rest);
      default:
        return '';
    }
  }

  #threadInfo(thread: number): string {
    const found = this.#session.threads().find(({ id }) => id === thread);
    return found === undefined
      ? notThere
      : hexOf(Buffer.from(`${found.name}: ${found.waitingFor ?? found.state}`));
  }

  async #monitor(line: string): Promise<string> {
    this.#print(
      `${await monitor(line, { debuggee: this.#debuggee, marks: this.#marks, fork: this.#fork })}\n`,
    );
    return 'OK';
  }

  /** `OBJECT:read:ANNEX:OFFSET,LENGTH`. */
  #transfer(request: string): string {
    const [object = '', verb, annex = '', range = ''] = request.split(':');
    const whole =
      verb === 'read' && Object.hasOwn(this.#transfers, object) ? this.#transfers[object] : undefined;
    if (whole === undefined) return '';
    const content = whole(annex);
    const [offset = '', length = ''] = range.split(',');
    return content === undefined ? notThere : piece(content, hex(offset), hex(length));
  }
}

const stopReply = ({ signal, thread, detail }: StopReport): string =>
  `T${signal.toString(16).padStart(2, '0')}thread:${thread.toString(16)};${detail ? `${detail};` : ''}`;

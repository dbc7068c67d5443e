import type { TravelSession } from '../../application/travel/travel.ts';
import { binary, bytesOfHex } from './packet.ts';

const noEntry = 2;
const badDescriptor = 9;
const permissionDenied = 13;
const [readOnly, accessMode] = [0, 3];
const regularFile = 0o100_444;

/**
 * The files that GDB may read of the guest (`vFile` packets): its program, and `/proc/PID/maps`, from which `info proc mappings`
 * is made.
 */
export class FileIo {
  readonly #session: TravelSession;
  readonly #programPath: string;
  readonly #program: () => Promise<Uint8Array>;
  readonly #open = new Map<number, Uint8Array>();
  #next = 3;

  constructor(session: TravelSession, programPath: string, program: () => Promise<Uint8Array>) {
    this.#session = session;
    this.#programPath = programPath;
    this.#program = program;
  }

  /** Answers `vFile:` and what follows; the empty answer means: not supported. */
  async answer(request: string): Promise<string> {
    const [operation, rest = ''] = split(request, ':');
    const words = rest.split(',');
    switch (operation) {
      case 'setfs':
        return 'F0';
      case 'open':
        return this.#openFile(Buffer.from(bytesOfHex(words[0]!)).toString(), hex(words[1]));
      case 'close':
        return this.#open.delete(hex(words[0])) ? 'F0' : failure(badDescriptor);
      case 'pread': {
        const bytes = this.#open.get(hex(words[0]))?.subarray(hex(words[2]), hex(words[2]) + hex(words[1]));
        return bytes === undefined ? failure(badDescriptor) : attached(bytes);
      }
      case 'fstat': {
        const bytes = this.#open.get(hex(words[0]));
        return bytes === undefined ? failure(badDescriptor) : attached(statusOf(bytes.length));
      }
      default:
        return '';
    }
  }

  async #openFile(path: string, flags: number): Promise<string> {
    if ((flags & accessMode) !== readOnly) return failure(permissionDenied);
    const bytes = await this.#contents(path);
    if (bytes === undefined) return failure(noEntry);
    this.#open.set(this.#next, bytes);
    return `F${(this.#next++).toString(16)}`;
  }

  async #contents(path: string): Promise<Uint8Array | undefined> {
    if (path === this.#programPath) return this.#program();
    const process = /^\/proc\/(\d+)\/maps$/.exec(path)?.[1];
    const thread = this.#session.threads().find((candidate) => candidate.process === Number(process));
    return thread && Buffer.from(mapsText(this.#session, thread.id));
  }
}

const hex = (digits: string | undefined): number => Number.parseInt(digits ?? '', 16);
const failure = (errno: number): string => `F-1,${errno.toString(16)}`;
const attached = (bytes: Uint8Array): string => `F${bytes.length.toString(16)};${binary(bytes)}`;

function split(text: string, at: string): [string, string | undefined] {
  const found = text.indexOf(at);
  return found < 0 ? [text, undefined] : [text.slice(0, found), text.slice(found + 1)];
}

/** A `struct fio_stat`, big-endian: mode is its third word, size its eighth field. */
function statusOf(size: number): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, regularFile);
  view.setUint32(12, 1);
  view.setBigUint64(28, BigInt(size));
  return bytes;
}

/** The address space as proc(5) shows it. */
function mapsText(session: TravelSession, thread: number): string {
  const address = (value: number) => value.toString(16).padStart(8, '0');
  return session
    .regions(thread)
    .map(({ start, end, permissions, name }) => {
      const bits = ['r', 'w', 'x'].map((letter, bit) => (permissions & (1 << bit) ? letter : '-')).join('');
      return `${address(start)}-${address(end)} ${bits}p 00000000 00:00 0 ${name}\n`;
    })
    .join('');
}

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { SymbolTable } from '../../application/inspection/symbols.ts';
import type { TravelSession } from '../../application/travel/travel.ts';
import { hex } from '../../domain/shared/bits.ts';

type Listed = DebugProtocol.DisassembledInstruction;

/** Disassembles memory of a session as it stands. */
export class CodeListing {
  readonly #session: TravelSession;
  readonly #symbols: SymbolTable;
  readonly #thread: number;

  constructor(session: TravelSession, symbols: SymbolTable, thread: number) {
    this.#session = session;
    this.#symbols = symbols;
    this.#thread = thread;
  }

  /** Exactly `count` instructions, of which the one at `address` is number `-offset`. */
  around(address: bigint, offset: number, count: number): Listed[] {
    const before = offset < 0 ? this.#leadingTo(address, -offset) : [];
    const after = this.#from(address, Math.max(0, offset + count));
    return offset < 0 ? [...before, ...after].slice(0, count) : after.slice(offset);
  }

  #from(address: bigint, count: number): Listed[] {
    const listed: Listed[] = [];
    for (let at = address; listed.length < count;) {
      const line = this.#at(at);
      listed.push(line);
      at += BigInt(line.instructionBytes === undefined ? this.#session.isa.alignment : lengthOf(line));
    }
    return listed;
  }

  /** The `count` instructions before `address`: the longest run of decodable ones that meets it, behind as much that is none. */
  #leadingTo(address: bigint, count: number): Listed[] {
    const { maxLength, alignment } = this.#session.isa;
    let best: Listed[] = [];
    for (let back = count * maxLength; back > 0 && best.length < count; back -= alignment) {
      const run: Listed[] = [];
      let at = address - BigInt(back);
      while (at >= 0n && at < address) {
        const line = this.#at(at);
        if (line.presentationHint === 'invalid') break;
        run.push(line);
        at += BigInt(lengthOf(line));
      }
      if (at === address && run.length > best.length) best = run.slice(-count);
    }
    const first = best[0] === undefined ? address : BigInt(best[0].address);
    const missing = Array.from({ length: count - best.length }, (_, index) =>
      unreadable(first - BigInt((count - best.length - index) * alignment)),
    );
    return [...missing, ...best];
  }

  #at(address: bigint): Listed {
    const { isa } = this.#session;
    for (let length = isa.maxLength; length > 0; length -= isa.alignment) {
      const bytes = this.#session.memory(address, length, this.#thread);
      const decoded = bytes && isa.decode(bytes);
      if (typeof decoded !== 'object') continue;
      const symbol = this.#symbols.describe(address);
      return {
        address: hex(address),
        instructionBytes: Buffer.from(bytes!.subarray(0, decoded.length)).toString('hex'),
        instruction: isa.disassemble(decoded, address),
        ...(symbol !== undefined && !symbol.includes('+') && { symbol }),
      };
    }
    return unreadable(address);
  }
}

const lengthOf = ({ instructionBytes = '' }: Listed): number => instructionBytes.length / 2;

const unreadable = (address: bigint): Listed => ({
  address: address < 0n ? '0x0' : hex(address),
  instruction: '(no instruction)',
  presentationHint: 'invalid',
});

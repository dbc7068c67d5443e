import { pageSize, permission } from '../../../application/ports/guest-memory.ts';
import { BlockBuilder } from '../../../domain/ir/builder.ts';
import type { MemoryFault } from '../../../domain/ir/evaluator.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import type { Decoded, InstructionSet } from '../../../domain/isa/instruction-set.ts';
import { pageBit } from '../memory/control-memory.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';

/** An instruction with its meaning as a block of its own. */
export interface LiftedInstruction {
  readonly decoded: Decoded;
  readonly block: IrBlock;
}

/** Where translators take instructions from. */
export type CodeSource = Pick<InstructionSource, 'decode'>;

const maxCached = 1 << 18;
const executable = pageBit.execute | pageBit.mapped;

/**
 * Fetches, decodes and lifts single instructions. Blocks are position independent, so lifted instructions are
 * cached by their encoding; fetching looks at memory every time, so changed code takes effect at once.
 */
export class InstructionSource {
  readonly #isa: InstructionSet;
  readonly #memory: FlatMemory;
  readonly #cache = new Map<number, LiftedInstruction>();

  constructor(isa: InstructionSet, memory: FlatMemory) {
    this.#isa = isa;
    this.#memory = memory;
  }

  /** The instruction at `pc`, a fault of its fetch, or `illegal`. */
  fetch(pc: bigint): LiftedInstruction | MemoryFault | 'illegal' {
    const { alignment, maxLength } = this.#isa;
    if (pc % BigInt(alignment) !== 0n) return { access: 'fetch', kind: 'misaligned', address: pc };
    if (pc >= BigInt(this.#memory.size)) return { access: 'fetch', kind: 'unmapped', address: pc };
    const decoded = this.decode(Number(pc));
    if (decoded === 'illegal') return 'illegal';
    if (decoded !== 'truncated') return decoded;
    const fault = this.#memory.fault(Number(pc), maxLength, permission.execute, 'fetch');
    if (!fault)
      throw new TypeError(`${this.#isa.name} calls ${maxLength} bytes at ${pc} a truncated instruction`);
    return fault;
  }

  /** Decodes at an aligned address below the memory's size. `truncated`: its bytes cannot all be executed. */
  decode(address: number): LiftedInstruction | 'illegal' | 'truncated' {
    const { flags, bytes, size } = this.#memory;
    const { maxLength } = this.#isa;
    const page = Math.floor(address / pageSize);
    if ((flags[page]! & executable) !== executable) return 'truncated';
    let end = address + maxLength;
    const pageEnd = (page + 1) * pageSize;
    if (end > pageEnd && (pageEnd >= size || (flags[page + 1]! & executable) !== executable)) end = pageEnd;
    const known = this.#known(bytes, address, end);
    if (known) return known;
    const decoded = this.#isa.decode(bytes, address, end);
    if (typeof decoded === 'string') return decoded;
    return this.#lifted(decoded);
  }

  /** No encoding begins another one, so a cached encoding of two or four bytes is the instruction that lies there. */
  #known(bytes: Uint8Array, address: number, end: number): LiftedInstruction | undefined {
    const low = bytes[address]! + bytes[address + 1]! * 0x100;
    const short = this.#cache.get(low + 0x1_0000);
    if (short || end - address < 4) return short;
    const word = low + bytes[address + 2]! * 0x1_0000 + bytes[address + 3]! * 0x100_0000;
    return this.#cache.get(word + 0x1_0000_0000);
  }

  #lifted(decoded: Decoded): LiftedInstruction {
    // A leading one tells encodings of different lengths apart; longer than 48 bits is not cached.
    const key = decoded.length <= 6 ? Number(decoded.bits) + 2 ** (8 * decoded.length) : -1;
    const known = this.#cache.get(key);
    if (known && key !== -1) return known;
    const builder = new BlockBuilder(this.#isa.layout);
    builder.instruction(decoded.length);
    decoded.lift(builder);
    const lifted = { decoded, block: builder.finish() };
    if (this.#cache.size >= maxCached) this.#cache.clear();
    if (key !== -1) this.#cache.set(key, lifted);
    return lifted;
  }
}

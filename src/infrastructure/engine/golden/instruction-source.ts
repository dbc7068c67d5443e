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
  /** By encoding: of two bytes, of four, and of other lengths up to six (a leading one tells those apart). */
  readonly #short = new Map<number, LiftedInstruction>();
  readonly #long = new Map<number, LiftedInstruction>();
  readonly #other = new Map<number, LiftedInstruction>();
  // Making a builder costs more than building most instructions.
  readonly #builder: BlockBuilder;

  constructor(isa: InstructionSet, memory: FlatMemory) {
    this.#isa = isa;
    this.#memory = memory;
    this.#builder = new BlockBuilder(isa.layout);
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

  /**
   * Where the bytes end that the instruction at an aligned address below the memory's size may have; the address itself
   * where none can be executed.
   */
  fetchEnd(address: number): number {
    const { flags, size } = this.#memory;
    const page = Math.floor(address / pageSize);
    if ((flags[page]! & executable) !== executable) return address;
    const end = address + this.#isa.maxLength;
    const pageEnd = (page + 1) * pageSize;
    const stops = end > pageEnd && (pageEnd >= size || (flags[page + 1]! & executable) !== executable);
    return stops ? pageEnd : end;
  }

  /** Decodes at an aligned address below the memory's size. `truncated`: its bytes cannot all be executed. */
  decode(address: number): LiftedInstruction | 'illegal' | 'truncated' {
    const found = this.#find(address);
    return typeof found === 'string' || 'block' in found ? found : this.#keptOf(found);
  }

  /** Decodes what is not likely to be asked for again: it is not kept. */
  decodeOnce(address: number): LiftedInstruction | 'illegal' | 'truncated' {
    const found = this.#find(address);
    return typeof found === 'string' || 'block' in found ? found : this.#lift(found);
  }

  #find(address: number): LiftedInstruction | Decoded | 'illegal' | 'truncated' {
    const { bytes } = this.#memory;
    const end = this.fetchEnd(address);
    if (end === address) return 'truncated';
    return this.#known(bytes, address, end) ?? this.#isa.decode(bytes, address, end);
  }

  /** No encoding begins another one, so a cached encoding of two or four bytes is the instruction that lies there. */
  #known(bytes: Uint8Array, address: number, end: number): LiftedInstruction | undefined {
    const low = bytes[address]! | (bytes[address + 1]! << 8);
    const short = this.#short.get(low);
    if (short || end - address < 4) return short;
    return this.#long.get(low | (bytes[address + 2]! << 16) | (bytes[address + 3]! << 24));
  }

  #lift(decoded: Decoded): LiftedInstruction {
    const builder = this.#builder;
    builder.instruction(decoded.length);
    decoded.lift(builder);
    return { decoded, block: builder.finish() };
  }

  #keptOf(decoded: Decoded): LiftedInstruction {
    const [cache, key] = this.#placeOf(decoded);
    const known = cache?.get(key);
    if (known) return known;
    const lifted = this.#lift(decoded);
    if (cache && cache.size >= maxCached) cache.clear();
    cache?.set(key, lifted);
    return lifted;
  }

  #placeOf({ bits, length }: Decoded): readonly [Map<number, LiftedInstruction> | undefined, number] {
    const number = Number(bits);
    if (length === 2) return [this.#short, number];
    if (length === 4) return [this.#long, number | 0];
    return length <= 6 ? [this.#other, number + 2 ** (8 * length)] : [undefined, 0];
  }
}

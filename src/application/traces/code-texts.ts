import type { Decoded, InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { SymbolTable } from '../inspection/symbols.ts';

export interface CodeText {
  readonly text: string;
  readonly symbol: string | undefined;
}

/** Addresses whose texts are kept. */
const kept = 2 ** 16;

/** Disassembled instructions with their symbols, each address once for as long as it has the same code. */
export class CodeTexts {
  readonly #isa: InstructionSet;
  readonly #symbols: SymbolTable;
  readonly #known = new Map<string, CodeText & { readonly bits: bigint }>();

  constructor(isa: InstructionSet, symbols: SymbolTable) {
    this.#isa = isa;
    this.#symbols = symbols;
  }

  /** `named`: it is code of the program whose symbols these are. */
  of(decoded: Decoded, pc: bigint, named: boolean): CodeText {
    const key = `${named ? '' : '?'}${pc}`;
    const known = this.#known.get(key);
    if (known?.bits === decoded.bits) return known;
    if (this.#known.size >= kept) this.#known.clear();
    const symbol = named ? this.#symbols.describe(pc) : undefined;
    const found = { bits: decoded.bits, text: this.#isa.disassemble(decoded, pc), symbol };
    this.#known.set(key, found);
    return found;
  }
}

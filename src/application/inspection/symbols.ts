/** Functions and objects of a program, by address. */
export interface SymbolTable {
  /** By address. */
  readonly all: readonly SymbolPlace[];
  /** `name+0x12` of the symbol that covers `address`, or undefined. */
  describe(address: bigint): string | undefined;
  /** Where the symbol of a name lies, and its bytes (0 where that is not said). */
  locate(name: string): SymbolPlace | undefined;
}

export interface SymbolPlace {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
}

interface Symbol {
  readonly address: bigint;
  readonly size: bigint;
  readonly name: string;
}

const sectionSymbols = 2;
const typeObject = 1;
const typeFunction = 2;
const maxSymbols = 1_000_000;

/**
 * Reads `.symtab` of a little-endian 64-bit ELF image that was loaded `bias` above its link addresses. A stripped or
 * malformed table gives an empty one: symbols only decorate what is shown.
 */
export function readSymbols(image: Uint8Array, bias: bigint): SymbolTable {
  const symbols: Symbol[] = [];
  try {
    symbols.push(...parse(image, bias));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  const all = symbols.map((symbol) => ({ ...symbol, size: Number(symbol.size) }));
  return {
    all,
    describe(address) {
      let low = 0;
      let high = symbols.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (symbols[middle]!.address <= address) low = middle + 1;
        else high = middle;
      }
      const symbol = symbols[low - 1];
      if (symbol === undefined) return undefined;
      const offset = address - symbol.address;
      if (offset !== 0n && offset >= symbol.size) return undefined;
      return offset === 0n ? symbol.name : `${symbol.name}+0x${offset.toString(16)}`;
    },
    locate(name) {
      return all.find((symbol) => symbol.name === name);
    },
  };
}

/** Throws RangeError where the image ends too early. */
function* parse(image: Uint8Array, bias: bigint): Generator<Symbol> {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const word = (at: number): number => view.getUint32(at, true);
  const long = (at: number): number => Number(view.getBigUint64(at, true));
  const table = long(40);
  const entrySize = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  for (let section = 0; section < count; section++) {
    const header = table + section * entrySize;
    if (word(header + 4) !== sectionSymbols) continue;
    const strings = table + word(header + 40) * entrySize;
    const [stringsAt, stringsSize] = [long(strings + 24), long(strings + 32)];
    const names = image.subarray(stringsAt, stringsAt + stringsSize);
    const from = long(header + 24);
    const length = Math.min(maxSymbols, Math.floor(long(header + 32) / 24));
    for (let index = 0; index < length; index++) {
      const at = from + index * 24;
      const type = view.getUint8(at + 4) & 15;
      if ((type !== typeFunction && type !== typeObject) || view.getUint16(at + 6, true) === 0) continue;
      const start = word(at);
      const end = names.indexOf(0, start);
      const name = new TextDecoder().decode(names.subarray(start, end < 0 ? names.length : end));
      yield { address: view.getBigUint64(at + 8, true) + bias, size: view.getBigUint64(at + 16, true), name };
    }
  }
}

/** The entry point an ELF image was linked for; 0 where the image is too short. */
export const linkedEntry = (image: Uint8Array): bigint =>
  image.length < 32 ? 0n : new DataView(image.buffer, image.byteOffset).getBigUint64(24, true);

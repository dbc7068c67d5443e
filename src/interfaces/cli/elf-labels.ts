/**
 * Names of code from an ELF file's symbol table (gABI 4.4). Nothing in the file is trusted: an entry that reaches
 * beyond it is left out, and a file without a symbol table has no labels.
 */
export function labelsOf(file: Uint8Array): ReadonlyMap<bigint, string> {
  const labels = new Map<bigint, string>();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const within = (offset: number, length: number) => offset >= 0 && offset + length <= file.length;
  if (!within(0, 64)) return labels;
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const header = (index: number) => {
    const at = table + index * sectionHeaderSize;
    if (index >= count || !within(at, sectionHeaderSize)) return undefined;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
    };
  };
  for (let index = 0; index < count; index++) {
    const symbols = header(index);
    if (symbols?.type !== symbolTable || !within(symbols.offset, symbols.size)) continue;
    const names = header(symbols.link);
    if (!names || !within(names.offset, names.size)) continue;
    for (let at = symbols.offset; at + symbolSize <= symbols.offset + symbols.size; at += symbolSize) {
      const type = view.getUint8(at + 4) & 15;
      const section = view.getUint16(at + 6, true);
      if (section === 0 || type > functionSymbol || type === dataSymbol) continue;
      const name = nameAt(file, names, view.getUint32(at, true));
      // Mapping symbols ($x, $d) and local labels of the assembler name nothing for people.
      if (name !== '' && !/^[$.]/.test(name)) labels.set(view.getBigUint64(at + 8, true), name);
    }
  }
  return labels;
}

const sectionHeaderSize = 64;
const symbolSize = 24;
const symbolTable = 2;
const dataSymbol = 1;
const functionSymbol = 2;
const longestName = 4096;

function nameAt(
  file: Uint8Array,
  names: { readonly offset: number; readonly size: number },
  index: number,
): string {
  if (index >= names.size) return '';
  const from = names.offset + index;
  const limit = Math.min(names.offset + names.size, from + longestName);
  const end = file.indexOf(0, from);
  return new TextDecoder().decode(file.subarray(from, end < 0 || end > limit ? limit : end));
}

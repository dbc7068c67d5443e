import { sectionsOf } from './elf-sections.ts';

/**
 * Names of code from an ELF file's symbol table (gABI 4.4). Nothing in the file is trusted: an entry that reaches
 * beyond it is left out, and a file without a symbol table has no labels.
 */
export function labelsOf(file: Uint8Array): ReadonlyMap<bigint, string> {
  const labels = new Map<bigint, string>();
  const sections = sectionsOf(file);
  for (const { type, link, bytes } of sections) {
    const names = sections[link]?.bytes;
    if (type !== symbolTable || bytes === undefined || names === undefined) continue;
    const symbols = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + symbolSize <= bytes.length; at += symbolSize) {
      const kind = symbols.getUint8(at + 4) & 15;
      const section = symbols.getUint16(at + 6, true);
      if (section === 0 || kind > functionSymbol || kind === dataSymbol) continue;
      const name = nameAt(names, symbols.getUint32(at, true));
      // Mapping symbols ($x, $d) and local labels of the assembler name nothing for people.
      if (name !== '' && !/^[$.]/.test(name)) labels.set(symbols.getBigUint64(at + 8, true), name);
    }
  }
  return labels;
}

const symbolSize = 24;
const symbolTable = 2;
const dataSymbol = 1;
const functionSymbol = 2;
const longestName = 4096;

function nameAt(names: Uint8Array, index: number): string {
  if (index >= names.length) return '';
  const limit = Math.min(names.length, index + longestName);
  const end = names.indexOf(0, index);
  return new TextDecoder().decode(names.subarray(index, end < 0 || end > limit ? limit : end));
}

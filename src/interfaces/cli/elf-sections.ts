/** A section header (gABI 4.3), its fields as the file has them; `bytes` is undefined where they lie outside the file. */
export interface Section {
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly link: number;
  readonly bytes: Uint8Array | undefined;
}

/** The sections of an ELF file, by number. Nothing in the file is trusted; a table that reaches beyond it ends there. */
export function sectionsOf(file: Uint8Array): readonly Section[] {
  const sections: Section[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < fileHeaderSize) return sections;
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  for (let index = 0; index < count; index++) {
    const at = table + index * sectionHeaderSize;
    if (at + sectionHeaderSize > file.length) break;
    const offset = Number(view.getBigUint64(at + 24, true));
    const size = Number(view.getBigUint64(at + 32, true));
    const type = view.getUint32(at + 4, true);
    sections.push({
      type,
      flags: Number(view.getBigUint64(at + 8, true) & 0xffff_ffffn),
      address: view.getBigUint64(at + 16, true),
      link: view.getUint32(at + 40, true),
      bytes: offset + size <= file.length ? file.subarray(offset, offset + size) : undefined,
    });
  }
  return sections;
}

/**
 * The sections that hold code. None where the file has none (programs run from segments, and sections may be stripped),
 * or where they overlap so much that together they are longer than the file.
 */
export function codeSections(file: Uint8Array): readonly { address: bigint; bytes: Uint8Array }[] {
  const found = sectionsOf(file).flatMap(({ type, flags, address, bytes }) =>
    type === programBits && (flags & executable) !== 0 && bytes !== undefined && bytes.length > 0
      ? [{ address, bytes }]
      : [],
  );
  return found.reduce((sum, { bytes }) => sum + bytes.length, 0) <= file.length ? found : [];
}

const fileHeaderSize = 64;
const sectionHeaderSize = 64;
const programBits = 1;
const executable = 4;

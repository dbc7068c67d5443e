import { ElfError, type ElfErrorCode } from './elf-error.ts';

/** A part of the file that is loaded. Addresses are relative to the load bias. */
export interface LoadSegment {
  readonly index: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  /** Bits: 1 read, 2 write, 4 execute. */
  readonly permissions: number;
}

export interface ElfImage {
  /** True for a position-independent program, which may be loaded at any page. */
  readonly relocatable: boolean;
  readonly entry: number;
  /** In the order of the file. */
  readonly segments: readonly LoadSegment[];
  /** Address of the program headers in the loaded image, when a segment holds them. */
  readonly programHeaders: {
    readonly address: number | undefined;
    readonly size: number;
    readonly count: number;
  };
  readonly executableStack: boolean;
}

const machineRiscV = 243;
const segmentType = { load: 1, interpreter: 3, headers: 6, stack: 0x6474_e551 } as const;
const headerSize = 64;
const programHeaderSize = 56;
/** The 4 GiB that a guest address space may have. */
const addressLimit = 2 ** 32;

const fail = (
  code: ElfErrorCode,
  message: string,
  context: Readonly<Record<string, string | number>> = {},
): never => {
  throw new ElfError(code, message, context);
};

/** Where the program headers of an ELF file end that begins with `head`; 0 where that is too short to say. */
export function headersEnd(head: Uint8Array): number {
  if (head.length < headerSize) return 0;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return Number(view.getBigUint64(32, true)) + view.getUint16(56, true) * programHeaderSize;
}

/**
 * Reads the headers of a static 64-bit RISC-V Linux program (ELF gABI; RISC-V ELF psABI). Nothing in the file is
 * trusted: every offset is checked against the file, every address against 4 GiB, and nothing is allocated by a
 * size that the file names. `bytes` are the first of a file of `fileSize`, up to the program headers' end at least. Throws ElfError.
 */
export function parseElf(bytes: Uint8Array, fileSize = bytes.length): ElfImage {
  if (bytes.length < 4 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    fail('not-elf', 'This is not an ELF file. Give a program compiled for riscv64 Linux.', {
      size: bytes.length,
    });
  if (bytes.length < headerSize)
    fail('truncated', `The file ends inside the ELF header (${bytes.length} of ${headerSize} bytes).`, {
      size: bytes.length,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkIdentity(bytes, view);
  const entry = word(view, 24, 'bad-header', 'e_entry');
  const table = word(view, 32, 'bad-header', 'e_phoff');
  const entrySize = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count === 0) fail('bad-header', 'The program has no program headers, so there is nothing to load.');
  if (entrySize !== programHeaderSize)
    fail('bad-header', `Program headers of ${entrySize} bytes; 64-bit ELF has ${programHeaderSize}.`, {
      entrySize,
    });
  if (table + count * programHeaderSize > bytes.length)
    fail('truncated', `The program headers (${count} at offset ${table}) reach beyond the end of the file.`, {
      offset: table,
      count,
      size: fileSize,
    });
  const segments: LoadSegment[] = [];
  let headers: number | undefined;
  let executableStack = false;
  for (let index = 0; index < count; index++) {
    const at = table + index * programHeaderSize;
    const type = view.getUint32(at, true);
    const flags = view.getUint32(at + 4, true);
    if (type === segmentType.interpreter)
      fail(
        'dynamic',
        'This program is dynamically linked (it has PT_INTERP), which is not supported. Link it statically (gcc -static or -static-pie).',
      );
    if (type === segmentType.stack) executableStack = (flags & 1) !== 0;
    if (type === segmentType.headers) headers = word(view, at + 16, 'bad-header', 'p_vaddr of PT_PHDR');
    if (type === segmentType.load) {
      const segment = loadSegment(view, at, index, flags, fileSize);
      if (segment.memorySize > 0) segments.push(segment);
    }
  }
  checkSegments(segments, entry);
  const size = count * programHeaderSize;
  const holder = segments.find((s) => table >= s.offset && table + size <= s.offset + s.fileSize);
  return {
    relocatable: view.getUint16(16, true) === 3,
    entry,
    segments,
    programHeaders: {
      address: holder ? table - holder.offset + holder.address : headers,
      size: programHeaderSize,
      count,
    },
    executableStack,
  };
}

function checkIdentity(bytes: Uint8Array, view: DataView): void {
  if (bytes[4] !== 2)
    fail('wrong-class', 'This is a 32-bit ELF file. Only 64-bit programs (riscv64) can run.', {
      class: bytes[4]!,
    });
  if (bytes[5] !== 1)
    fail('wrong-class', 'This is a big-endian ELF file. Only little-endian riscv64 programs can run.', {
      data: bytes[5]!,
    });
  const machine = view.getUint16(18, true);
  if (machine !== machineRiscV)
    fail(
      'wrong-machine',
      `This program is for ELF machine ${machine}, not RISC-V (${machineRiscV}). Compile it for riscv64.`,
      { machine },
    );
  const type = view.getUint16(16, true);
  if (type !== 2 && type !== 3)
    fail('wrong-type', `This ELF file (e_type ${type}) is no executable. Link it into a program first.`, {
      type,
    });
  if (bytes[6] !== 1 || view.getUint32(20, true) !== 1)
    fail('bad-header', `ELF version ${view.getUint32(20, true)} is unknown; only version 1 exists.`);
  if (bytes[7] !== 0 && bytes[7] !== 3)
    fail('unsupported-abi', `OS ABI ${bytes[7]} is not Linux's (0 or 3).`, { abi: bytes[7]! });
  const flags = view.getUint32(48, true);
  if (flags & 8)
    fail('unsupported-abi', 'This program uses the RV64E base (EF_RISCV_RVE). Compile it for rv64gc.', {
      flags,
    });
  if ((flags & 6) === 6)
    fail('unsupported-abi', 'This program uses the quad-precision float ABI. Compile it for lp64d.', {
      flags,
    });
}

function loadSegment(view: DataView, at: number, index: number, flags: number, size: number): LoadSegment {
  const where = { segment: index };
  const offset = word(view, at + 8, 'bad-segment', `p_offset of segment ${index}`);
  const address = word(view, at + 16, 'bad-segment', `p_vaddr of segment ${index}`);
  const fileSize = word(view, at + 32, 'bad-segment', `p_filesz of segment ${index}`);
  const memorySize = word(view, at + 40, 'bad-segment', `p_memsz of segment ${index}`);
  if (offset + fileSize > size)
    fail(
      'truncated',
      `Segment ${index} (${fileSize} bytes at offset ${offset}) reaches beyond the end of the file.`,
      {
        ...where,
        offset,
        fileSize,
        size,
      },
    );
  if (fileSize > memorySize)
    fail(
      'bad-segment',
      `Segment ${index} has more bytes in the file (${fileSize}) than in memory (${memorySize}).`,
      {
        ...where,
        fileSize,
        memorySize,
      },
    );
  if (address + memorySize > addressLimit)
    fail('too-large', `Segment ${index} ends at 0x${(address + memorySize).toString(16)}, beyond 4 GiB.`, {
      ...where,
      address,
      memorySize,
    });
  if (fileSize > 0 && address % 4096 !== offset % 4096)
    fail(
      'bad-segment',
      `Segment ${index} lies at 0x${address.toString(16)} in memory and ${offset} in the file, which differ modulo the page size.`,
      { ...where, address, offset },
    );
  // p_flags: execute 1, write 2, read 4. RISC-V pages cannot be writable without being readable (privileged 4.3.1).
  const permissions = (flags & 4 || flags & 2 ? 1 : 0) | (flags & 2) | (flags & 1 ? 4 : 0);
  return { index, offset, address, fileSize, memorySize, permissions };
}

function checkSegments(segments: readonly LoadSegment[], entry: number): void {
  if (segments.length === 0) fail('bad-header', 'The program has no loadable segment.');
  const sorted = [...segments].sort((a, b) => a.address - b.address);
  for (const [index, segment] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && segment.address + segment.memorySize > next.address)
      fail('segments-overlap', `Segments ${segment.index} and ${next.index} overlap in memory.`, {
        first: segment.index,
        second: next.index,
        address: next.address,
      });
  }
  const home = segments.find((s) => entry >= s.address && entry < s.address + s.memorySize);
  if (!home)
    return fail('no-entry', `The entry point 0x${entry.toString(16)} lies in no segment.`, { entry });
  if (!(home.permissions & 4) || entry % 2 !== 0)
    fail('no-entry', `The entry point 0x${entry.toString(16)} is not executable code.`, { entry });
}

/** A 64-bit field that must lie below 4 GiB (files and address spaces are not larger). */
function word(view: DataView, at: number, code: ElfErrorCode, name: string): number {
  const value = view.getBigUint64(at, true);
  if (value >= BigInt(addressLimit))
    return fail(code, `${name} is 0x${value.toString(16)}, beyond 4 GiB.`, {
      value: `0x${value.toString(16)}`,
    });
  return Number(value);
}

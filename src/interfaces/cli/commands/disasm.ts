import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { command } from '../command.ts';
import { readWhole } from '../files.ts';
import { toJson } from '../json.ts';
import { flag, parseAddress, parseRange, single } from '../option-values.ts';
import { jsonOption } from '../shared-options.ts';
import { columns } from '../tables.ts';
import { CommandFailure, UsageError } from '../usage-error.ts';

interface Piece {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export const disasm = command({
  name: 'disasm',
  summary: 'disassemble an ELF file, raw bytes, or hexadecimal bytes',
  operands: [
    {
      name: 'FILE|HEX',
      summary: 'an ELF file, a file of raw code with --raw, or bytes in memory order such as 3385c500',
      required: true,
      repeated: true,
      complete: 'file',
    },
  ],
  options: {
    raw: flag('the file holds bare code'),
    origin: single('ADDR', 'the address of raw or hexadecimal bytes', parseAddress, { fallback: '0' }),
    range: single('ADDR[:LEN]', 'only this part of the program', parseRange),
    ...jsonOption,
  },
  description: [
    'Prints address, encoding and assembly of every instruction in the code sections (of a file without sections: in the executable segments), with the labels of the symbol table. An encoding without a meaning is printed as .insn. Targets of jumps and branches are absolute.',
  ],
  examples: [
    { command: 'isochron disasm 3385c500', says: 'one instruction' },
    { command: 'isochron disasm hello --range 0x10000:64', says: 'a part of a program' },
  ],
  async run({ options, operands, terminal }) {
    const path = resolve(terminal.workingDirectory, operands[0]!);
    const { parseHexBytes } = await import('../guest-code.ts');
    const { listCode } = await import('../listing.ts');
    const hex = parseHexBytes(operands);
    const origin = options.origin ?? 0n;
    let pieces: readonly Piece[];
    let labels: ReadonlyMap<bigint, string> = new Map();
    if (hex && (operands.length > 1 || !existsSync(path))) pieces = [{ address: origin, bytes: hex }];
    else if (operands.length > 1)
      throw new UsageError(
        `${JSON.stringify(operands.join(' '))} is neither one file nor hexadecimal bytes`,
        'give two digits for each byte',
      );
    else if (options.raw) pieces = [{ address: origin, bytes: readWhole(path) }];
    else ({ pieces, labels } = await programCode(readWhole(path), options.range !== undefined));
    if (options.range) pieces = cut(pieces, options.range);
    if (options.json) {
      const { jsonListing } = await import('../listing.ts');
      terminal.write(
        'stdout',
        toJson(pieces.flatMap(({ address, bytes }) => jsonListing(bytes, address, labels))),
      );
    } else
      for (const { address, bytes } of pieces)
        terminal.write('stdout', columns(listCode(bytes, address, labels)));
    return 0;
  },
});

/** The code sections where the file has them, else (or to cut anything out of them) the executable segments. */
async function programCode(
  file: Uint8Array,
  whole: boolean,
): Promise<{ pieces: readonly Piece[]; labels: ReadonlyMap<bigint, string> }> {
  const { parseElf } = await import('../../../application/linux/elf/parse-elf.ts');
  const { labelsOf } = await import('../elf-labels.ts');
  const { codeSections } = await import('../elf-sections.ts');
  const { segments } = parseElf(file);
  const executable = 4;
  const pieces = segments
    .filter(({ permissions }) => (permissions & executable) !== 0)
    .map(({ address, offset, fileSize }) => ({
      address: BigInt(address),
      bytes: file.subarray(offset, offset + fileSize),
    }));
  const sections = whole ? [] : codeSections(file);
  return { pieces: sections.length > 0 ? sections : pieces, labels: labelsOf(file) };
}

function cut(
  pieces: readonly Piece[],
  range: { readonly address: bigint; readonly length: number },
): readonly Piece[] {
  for (const { address, bytes } of pieces) {
    const from = Number(range.address - address);
    if (from >= 0 && from < bytes.length)
      return [{ address: range.address, bytes: bytes.subarray(from, from + range.length) }];
  }
  throw new CommandFailure(
    'no-code',
    `there is no code at 0x${range.address.toString(16)}`,
    pieces.map(({ address, bytes }) => `0x${address.toString(16)}:${bytes.length}`).join(', '),
    'give an address within',
  );
}

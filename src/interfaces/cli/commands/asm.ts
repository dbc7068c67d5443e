import { resolve } from 'node:path';
import { command } from '../command.ts';
import { writeWhole } from '../files.ts';
import { parseAddress, single, text } from '../option-values.ts';
import { jsonOption } from '../shared-options.ts';
import { toJson } from '../json.ts';
import { columns } from '../tables.ts';

export const asm = command({
  name: 'asm',
  summary: 'assemble RISC-V 64 source',
  operands: [
    {
      name: 'SOURCE',
      summary: 'an assembly file, or - for standard input',
      required: true,
      complete: 'file',
    },
  ],
  options: {
    output: text('FILE', 'write the bytes to FILE instead of printing them', {
      short: 'o',
      complete: 'file',
    }),
    origin: single('ADDR', 'the address of the first byte', parseAddress, { fallback: '0' }),
    ...jsonOption,
  },
  description: [
    'Assembles labels, data directives, every instruction of RV64GC with Zba, Zbb, Zbs and Zicond, and the usual pseudo-instructions. Prints a listing: address, encoding, assembly. The output file holds the bare bytes.',
  ],
  examples: [{ command: 'isochron asm loop.s -o loop.bin', says: 'assemble a file' }],
  async run({ options, operands, terminal }) {
    const { assembleOrFail, readSource } = await import('../guest-code.ts');
    const { listCode } = await import('../listing.ts');
    const source = readSource(operands[0]!, terminal.workingDirectory);
    const { bytes, symbols, origin } = assembleOrFail(source, options.origin ?? 0n, operands[0]!);
    if (options.output !== undefined) writeWhole(resolve(terminal.workingDirectory, options.output), bytes);
    if (options.json) terminal.write('stdout', toJson({ origin, bytes, symbols }));
    else if (options.output === undefined)
      terminal.write(
        'stdout',
        columns(listCode(bytes, origin, new Map([...symbols].map(([name, at]) => [at, name])))),
      );
    return 0;
  },
});

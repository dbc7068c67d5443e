import { readFileSync, writeFileSync } from 'node:fs';
import type { Disassembler } from '../../../application/ports/written-oracle.ts';
import { architectureOf, gnuTool, inFolder, succeed, versionOf } from './gnu-tools.ts';
import { objdumpKnownDifferences } from './objdump-known-differences.ts';

/** GNU objdump: a voter on which encodings are instructions, and how they are written. */
const [objdump, as, objcopy] = ['objdump', 'as', 'objcopy'].map(gnuTool) as [string, string, string];
/** Its name for data, and for what is defined to be illegal. */
const noInstruction = /^\.|^c\.unimp/;
/** The last operand of these is an address, which objdump writes without 0x. */
const relative = /^(?:b(?:eq|ne|ltu?|geu?)|jal|c\.(?:j|beqz|bnez)) /;

export function objdumpDisassembler(): Disassembler {
  const version = versionOf(objdump, /(\d+\.\d+)/);
  const missing = [as, objcopy].filter((tool) => versionOf(tool, /(\d)/) === undefined);
  let template: Buffer | undefined;
  return {
    name: `GNU objdump ${version ?? ''}`.trim(),
    absent:
      version !== undefined && missing.length === 0
        ? undefined
        : `${missing[0] ?? objdump} is not installed (Debian package binutils-riscv64-linux-gnu)`,
    known: objdumpKnownDifferences,
    knownFor: ['GNU objdump 2.40'],
    disassemble(encodings, address) {
      const texts = new Array<string | undefined>(encodings.length);
      for (const size of [2, 4] as const) {
        const places = encodings.flatMap(({ length }, index) => (length === size ? [index] : []));
        if (places.length === 0) continue;
        const bytes = Buffer.concat(places.map((index) => encodings[index]!));
        const listing = list(bytes, (template ??= objectFile()));
        for (const [at, text] of listing) texts[places[at / size]!] = withTarget(text, address - BigInt(at));
      }
      return texts;
    },
  };
}

/** One that tells objdump the extensions: a bare binary is taken as rv64gc. */
const objectFile = (): Buffer =>
  inFolder((path) => {
    writeFileSync(path('nop.s'), 'nop\n');
    succeed(as, [`-march=${architectureOf(as)}`, path('nop.s'), '-o', path('nop.o')]);
    return readFileSync(path('nop.o'));
  });

/** What objdump shows at each offset. */
function list(bytes: Buffer, template: Buffer): ReadonlyMap<number, string> {
  const listing = inFolder((path) => {
    writeFileSync(path('nop.o'), template);
    writeFileSync(path('words.bin'), bytes);
    succeed(objcopy, ['--update-section', `.text=${path('words.bin')}`, path('nop.o'), path('words.o')]);
    return succeed(objdump, ['-d', '-z', '-M', 'no-aliases', path('words.o')]).stdout;
  });
  const texts = new Map<number, string>();
  for (const line of listing.split('\n')) {
    const match = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t([^\t#<]+)\t?([^#<]*)/.exec(line);
    if (!match) continue;
    const text = `${match[2]!.trim()} ${match[3]!.trim()}`.trim();
    if (!noInstruction.test(text)) texts.set(parseInt(match[1]!, 16), text);
  }
  return texts;
}

const withTarget = (text: string, moved: bigint): string =>
  relative.test(text)
    ? text.replace(
        /[0-9a-f]+$/,
        (target) => `0x${BigInt.asUintN(64, BigInt(`0x${target}`) + moved).toString(16)}`,
      )
    : text;

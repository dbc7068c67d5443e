import { readFileSync, writeFileSync } from 'node:fs';
import { OracleFault } from '../../../application/ports/oracle.ts';
import type { Assembler, AssemblyLine } from '../../../application/ports/written-oracle.ts';
import { architectureOf, gnuTool, inFolder, runTool, succeed, versionOf } from './gnu-tools.ts';
import { gnuAssemblerKnownDifferences } from './gnu-assembler-known-differences.ts';

/** GNU as: an oracle for encodings. Each line gets a slot of its own, filled up with bytes that no instruction ends with. */
const [as, objcopy] = ['as', 'objcopy'].map(gnuTool) as [string, string];
const slot = 8;
const filler = 0xff;

export function gnuAssembler(): Assembler {
  const version = versionOf(as, /(\d+\.\d+)/);
  const missing = versionOf(objcopy, /(\d)/) === undefined ? objcopy : undefined;
  let architecture: string | undefined;
  return {
    name: `GNU as ${version ?? ''}`.trim(),
    absent:
      version !== undefined && missing === undefined
        ? undefined
        : `${missing ?? as} is not installed (Debian package binutils-riscv64-linux-gnu)`,
    known: gnuAssemblerKnownDifferences,
    knownFor: ['GNU as 2.40'],
    assemble(lines, address) {
      architecture ??= architectureOf(as);
      const refused = new Set<number>();
      let image = attempt(lines, address, architecture, refused);
      if (image === undefined) image = attempt(lines, address, architecture, refused);
      if (image === undefined)
        throw new OracleFault(`${as} refuses what it took before`, { lines: lines.length });
      const bytes = image;
      return lines.map(({ compressed }, index) => {
        if (refused.has(index)) return undefined;
        const own = bytes.subarray(index * slot, (index + 1) * slot);
        const length = compressed ? 2 : 4;
        return own.subarray(length).every((byte) => byte === filler) ? own.slice(0, length) : own.slice();
      });
    },
  };
}

/** The assembled slots; undefined, with the lines at fault added to `refused`, where there are such. */
function attempt(
  lines: readonly AssemblyLine[],
  address: bigint,
  architecture: string,
  refused: Set<number>,
): Uint8Array | undefined {
  return inFolder((path) => {
    // One line of source for each slot, so that a message's line number names it.
    const source = lines.map((line, index) => {
      const text = refused.has(index) ? '' : gnuText(line.text, address);
      return `.org ${index * slot}, ${filler}; .option ${line.compressed ? 'rvc' : 'norvc'}; ${text}\n`;
    });
    writeFileSync(path('lines.s'), `${source.join('')}.org ${lines.length * slot}, ${filler}\n`);
    const { status, stderr } = runTool(as, [
      `-march=${architecture}`,
      '-mno-relax',
      path('lines.s'),
      '-o',
      path('lines.o'),
    ]);
    if (status !== 0) {
      const faults = [...stderr.matchAll(/lines\.s:(\d+): Error:/g)];
      if (faults.length === 0)
        throw new OracleFault(`${as} failed: ${stderr.slice(0, 500)}`, { command: as });
      for (const [, line] of faults) refused.add(Number(line) - 1);
      return undefined;
    }
    succeed(objcopy, ['-O', 'binary', '-j', '.text', path('lines.o'), path('lines.bin')]);
    return readFileSync(path('lines.bin'));
  });
}

/** A target that is an address, as a distance from the instruction. */
const gnuText = (text: string, address: bigint): string =>
  text.replace(
    /^((?:b(?:eq|ne|ltu?|geu?)|jal|c\.(?:j|beqz|bnez)) (?:.*,)?)(0x[0-9a-f]+)$/,
    (_, before: string, target: string) => {
      const distance = BigInt.asIntN(64, BigInt(target) - address);
      return `${before}.${distance < 0n ? '-' : '+'}${distance < 0n ? -distance : distance}`;
    },
  );

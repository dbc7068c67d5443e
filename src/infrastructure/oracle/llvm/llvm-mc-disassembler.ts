import { OracleFault } from '../../../application/ports/oracle.ts';
import type { Disassembler } from '../../../application/ports/written-oracle.ts';
import { runTool, versionOf } from '../gnu/gnu-tools.ts';
import { llvmKnownDifferences } from './llvm-known-differences.ts';

/** LLVM's machine code playground: the other voter on disassembly. */
const command = 'llvm-mc';
const features = ['m', 'a', 'f', 'd', 'c', 'zba', 'zbb', 'zbs'].map((each) => `+${each}`).join();
const relative = /^(?:b(?:eq|ne|ltu?|geu?)|jal|c\.(?:j|beqz|bnez)) /;

export function llvmDisassembler(): Disassembler {
  const version = versionOf(command, /version (\d+)/);
  return {
    name: `${command} ${version ?? ''}`.trim(),
    absent: version === undefined ? `${command} is not installed (Debian package llvm)` : undefined,
    known: llvmKnownDifferences,
    knownFor: ['llvm-mc 14'],
    disassemble(encodings, address) {
      const input = encodings.map((bytes) => Array.from(bytes, (byte) => `0x${byte.toString(16)}`).join(' '));
      const { stdout, stderr } = runTool(
        command,
        ['--disassemble', '-triple=riscv64', `-mattr=${features}`, '-M', 'no-aliases'],
        `${input.join('\n')}\n`,
      );
      const refused = new Set([...stderr.matchAll(/^<stdin>:(\d+):/gm)].map(([, line]) => Number(line) - 1));
      const shown = stdout.split('\n').filter((line) => line.startsWith('\t') && !line.startsWith('\t.'));
      if (shown.length + refused.size !== encodings.length)
        throw new OracleFault(
          `${command} shows ${shown.length} and refuses ${refused.size} of ${encodings.length} encodings`,
          { stderr: stderr.slice(0, 500) },
        );
      let next = 0;
      return encodings.map((_, index) =>
        refused.has(index) ? undefined : spelled(shown[next++]!.trim(), address),
      );
    },
  };
}

/** With targets, which llvm-mc writes as distances, as addresses, and without the rounding mode that goes without saying. */
function spelled(line: string, address: bigint): string | undefined {
  const text = line.replace(/\s+/, ' ').replaceAll(', ', ',').replace(/,dyn$/, '');
  if (text === 'c.unimp') return undefined;
  return relative.test(text)
    ? text.replace(/-?\d+$/, (distance) => `0x${BigInt.asUintN(64, address + BigInt(distance)).toString(16)}`)
    : text;
}

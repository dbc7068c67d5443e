import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { assemble } from '../../domain/isa/assembler.ts';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';
import { readWhole } from './files.ts';
import { CommandFailure, UsageError } from './usage-error.ts';

/** Guest code as the user writes it: hexadecimal bytes, or assembly. */

/** Bytes written in hexadecimal, in memory order: `33 85 c5 00`, `3385c500`, `0x33,0x85`. Undefined for other text. */
export function parseHexBytes(words: readonly string[]): Uint8Array | undefined {
  const digits = words.join(' ').replaceAll(/0x|[\s,_]/gi, '');
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Assembles a source, or refuses with every error, each with its line and column. */
export function assembleOrFail(source: string, origin: bigint, name: string) {
  const assembled = assemble(source, { isa: riscv64, origin });
  if (assembled.ok) return assembled.value;
  const [first, ...rest] = assembled.error;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const others = rest
    .map(({ line, column, message }) => `\n  ${name}:${line}:${column}: ${message}`)
    .join('');
  throw new AssemblyFailure(`${first!.message}${more}`, `${name}:${first!.line}:${first!.column}`, others);
}

/** An assembly source is wrong. `others` lists the errors after the first, one a line. */
export class AssemblyFailure extends CommandFailure {
  readonly others: string;

  constructor(what: string, where: string, others: string) {
    super('assembly', what, where, 'correct the source');
    this.others = others;
  }
}

/** The text of a source file; `-` is standard input. */
export function readSource(file: string, workingDirectory: string): string {
  if (file !== '-') return new TextDecoder().decode(readWhole(resolve(workingDirectory, file)));
  try {
    return readFileSync(0, 'utf8');
  } catch (error) {
    throw new CommandFailure(
      'cannot-read',
      'cannot read standard input',
      (error as Error).message,
      '',
      error,
    );
  }
}

/** Hexadecimal bytes, or else assembly (with `;` between statements). */
export function codeOfWords(words: readonly string[], origin: bigint): Uint8Array {
  const bytes = parseHexBytes(words);
  if (bytes) return bytes;
  const text = words.join(' ');
  const source = text.replaceAll(';', '\n');
  const assembled = assemble(source, { isa: riscv64, origin });
  if (assembled.ok) return assembled.value.bytes;
  // `add a0, a1` could be meant as digits: only what is no assembly is taken for unfinished bytes.
  if (/^[0-9a-fx\s,]+$/i.test(text) && /\d/.test(text))
    throw new UsageError(
      `${JSON.stringify(text)} is not whole bytes`,
      'give two hexadecimal digits for each byte',
    );
  return assembleOrFail(source, origin, 'source').bytes;
}

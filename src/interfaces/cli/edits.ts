import type { Edit } from '../../domain/virtual-machine/edit.ts';
import { bytesOfHex, hexOfBytes } from '../../domain/virtual-machine/edit.ts';
import { registerName } from '../register-names.ts';
import { parseAddress, parseCount, repeated } from './option-values.ts';
import { UsageError } from './usage-error.ts';

/** What a branch changes, as options write it and as people read it. */
export const editOptions = {
  set: repeated('REGISTER=VALUE', 'change a register', parseSetting),
  poke: repeated('ADDR=HEX', 'change bytes of memory, such as 0x12340=00ff', parsePoke),
  stdin: repeated('OFFSET=HEX', 'change bytes of standard input, counted from its beginning', parseStdin),
  file: repeated(
    'PATH:OFFSET=HEX',
    'change bytes of a file below a mount, as they are read from then on',
    parseFile,
  ),
  input: repeated('EVENT:OFFSET=HEX', 'change bytes of the reply that is event EVENT', parseInput),
  answer: repeated('EVENT=NUMBER|ERROR', 'change the number that it replies, or have it fail', parseAnswer),
} as const;

/** Options whose values are edits already; registers and memory want a thread. */
export interface Setting {
  readonly register: string;
  readonly value: bigint;
}

export interface Poke {
  readonly address: bigint;
  readonly bytes: string;
}

function split(word: string, separator: string, form: string): readonly [string, string] {
  const at = word.lastIndexOf(separator);
  if (at > 0 && at < word.length - 1) return [word.slice(0, at), word.slice(at + 1)];
  throw new UsageError(`${JSON.stringify(word)} is not a change`, `give ${form}`);
}

function bytesIn(digits: string): string {
  const plain = digits.toLowerCase().replaceAll('_', '');
  if (/^(?:[0-9a-f]{2})+$/.test(plain)) return plain;
  throw new UsageError(
    `${JSON.stringify(digits)} is no bytes`,
    'give pairs of hexadecimal digits, such as 00ff',
  );
}

function parseSetting(word: string): Setting {
  const [register, written] = split(word, '=', 'REGISTER=VALUE, such as a0=5');
  const negative = written.startsWith('-');
  const magnitude = parseAddress(negative ? written.slice(1) : written);
  return { register, value: BigInt.asUintN(64, negative ? -magnitude : magnitude) };
}

function parsePoke(word: string): Poke {
  const [address, digits] = split(word, '=', 'ADDR=HEX, such as 0x12340=00ff');
  return { address: parseAddress(address), bytes: bytesIn(digits) };
}

function parseStdin(word: string): Edit {
  const [offset, digits] = split(word, '=', 'OFFSET=HEX, such as 0=41');
  return { kind: 'stdin', offset: parseCount(offset), bytes: bytesIn(digits) };
}

function parseFile(word: string): Edit {
  const [place, digits] = split(word, '=', 'PATH:OFFSET=HEX, such as /data/words.txt:0=41');
  const [path, offset] = split(place, ':', 'PATH:OFFSET=HEX, such as /data/words.txt:0=41');
  return { kind: 'file', path, offset: parseCount(offset), bytes: bytesIn(digits) };
}

function parseInput(word: string): Edit {
  const [place, digits] = split(word, '=', 'EVENT:OFFSET=HEX, such as 7:0=41');
  const [event, offset] = split(place, ':', 'EVENT:OFFSET=HEX, such as 7:0=41');
  return { kind: 'reply', revision: parseCount(event), offset: parseCount(offset), bytes: bytesIn(digits) };
}

function parseAnswer(word: string): Edit {
  const [event, written] = split(word, '=', 'EVENT=NUMBER or EVENT=ERROR, such as 7=0 or 7=ENOENT');
  const revision = parseCount(event);
  if (/^E[A-Z0-9]+$/.test(written)) return { kind: 'failure', revision, error: written };
  return { kind: 'result', revision, value: parseCount(written) };
}

/** An edit in a few words. */
export function editText(edit: Edit): string {
  switch (edit.kind) {
    case 'register':
      return `${registerName(edit.register)} of thread ${edit.thread} = ${edit.value}`;
    case 'memory':
      return `memory at ${edit.address} = ${briefly(edit.bytes)}`;
    case 'stdin':
      return `standard input at ${edit.offset} = ${briefly(edit.bytes)}`;
    case 'file':
      return `${edit.path} at ${edit.offset} = ${briefly(edit.bytes)}`;
    case 'reply':
      return `reply ${edit.revision} at ${edit.offset} = ${briefly(edit.bytes)}`;
    case 'result':
      return `reply ${edit.revision} = ${edit.value}`;
    case 'failure':
      return `reply ${edit.revision} = ${edit.error}`;
  }
}

function briefly(digits: string): string {
  const bytes = bytesOfHex(digits);
  return bytes.length <= 16 ? digits : `${hexOfBytes(bytes.slice(0, 15))}… (${bytes.length} bytes)`;
}

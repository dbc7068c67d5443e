import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HugePages, worthHugePages } from '../../memory/huge-pages.ts';
import { checksumOf } from './checksum.ts';
import { maxLongWords } from './encoding-index.ts';
import type { FormsImage, KnownShape } from './forms.ts';
import { FormsMemory, formsMemory, mostFormWords } from './forms-memory.ts';

/**
 * A file of forms. It is a cache: one that is damaged, of another program, or not there costs time and nothing else, and it may be
 * deleted whenever one likes. It is i32s in the machine's order, so that it is read to where it is used: a preamble
 * (see {@link preamble}), the table of encodings of four bytes, the forms, the encodings of two bytes; then the modules, and a header of JSON.
 */
interface Header {
  /** What the forms depend on: the program that made them. */
  readonly identity: string;
  readonly shapes: readonly KnownShape[];
  readonly longs: number;
  readonly modules: readonly {
    readonly key: string;
    readonly imports: readonly string[];
    readonly size: number;
  }[];
}

/** i32s: a mark, the checksum of all that follows the preamble, the i32s of each table, the bytes of the header and of what is after the tables. */
const preamble = { mark: 0, sum: 1, long: 3, words: 4, short: 5, header: 6, rest: 7, size: 8 } as const;
const mark = 0x736d_726f;

/** The forms in a file that a program of this identity wrote. */
export function readForms(file: string, identity: string): FormsImage | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      return readImage(descriptor, identity);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function readImage(descriptor: number, identity: string): FormsImage | undefined {
  const begin = new Int32Array(preamble.size);
  if (readSync(descriptor, begin) !== begin.byteLength || begin[preamble.mark] !== mark) return undefined;
  const [long, words, short, header, rest] = begin.subarray(preamble.long) as unknown as Sizes;
  const after = 4 * (words + short) + rest;
  if (![long, words, short, header, rest].every((size) => size >= 0)) return undefined;
  if (long > maxLongWords || words > mostFormWords || header > rest) return undefined;
  if (fstatSync(descriptor).size !== begin.byteLength + 4 * long + after) return undefined;
  const memory = new FormsMemory();
  memory.reserve(Math.ceil(after / 4));
  const { buffer } = memory.memory;
  if (after >= worthHugePages)
    new HugePages(new Uint8Array(buffer)).advise(formsMemory.words, formsMemory.words + after);
  const within = (from: number, size: number) => new Uint8Array(buffer, from, size);
  const wholly = (from: number, size: number) => readSync(descriptor, within(from, size)) === size;
  if (!wholly(formsMemory.long, 4 * long) || !wholly(formsMemory.words, after)) return undefined;
  const sum = checksumOf(memory);
  const ofLong = sum(formsMemory.long, formsMemory.long + 4 * long, 0n);
  const found = sum(formsMemory.words, formsMemory.words + after, ofLong);
  if (found !== new BigInt64Array(begin.slice(preamble.sum, preamble.long).buffer)[0]) return undefined;
  const end = formsMemory.words + after;
  const parsed = JSON.parse(Buffer.from(buffer, end - header, header).toString()) as Header;
  if (parsed.identity !== identity) return undefined;
  let moduleAt = formsMemory.words + 4 * (words + short);
  const modules = parsed.modules.map(({ key, imports, size }) => {
    moduleAt += size;
    return { key, imports, bytes: within(moduleAt - size, size).slice() };
  });
  return {
    memory,
    shapes: parsed.shapes,
    // What follows the forms is overwritten.
    short: memory.words.slice(words, words + short),
    long: memory.long.subarray(0, long),
    longs: parsed.longs,
    words: memory.words.subarray(0, words),
    modules,
  };
}

type Sizes = [long: number, words: number, short: number, header: number, rest: number];

/** Writes a file, which appears whole. Throws what the file system throws. */
export function writeForms(file: string, identity: string, image: FormsImage): void {
  const { shapes, short, long, longs, words, modules } = image;
  const header: Header = {
    identity,
    shapes,
    longs,
    modules: modules.map(({ key, imports, bytes }) => ({ key, imports, size: bytes.length })),
  };
  const tables = [long, words, short].map(bytesOf);
  const text = JSON.stringify(header);
  const sized = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);
  const code = modules.map(({ bytes }) => bytes);
  const odd = (sized([...tables, ...code]) + Buffer.byteLength(text)) % 8;
  // Of eight bytes each, for the checksum; the table of encodings is.
  const line = Buffer.from(text + ' '.repeat((8 - odd) % 8));
  const rest = [...code, line];
  const begin = new Int32Array(preamble.size);
  begin[preamble.mark] = mark;
  begin.set([long.length, words.length, short.length, line.length, sized(rest)], preamble.long);
  const all = Buffer.concat([...tables, ...rest]);
  const scratch = new FormsMemory();
  scratch.reserve(all.length / 4);
  new Uint8Array(scratch.memory.buffer, formsMemory.words).set(all);
  const sum = checksumOf(scratch)(formsMemory.words, formsMemory.words + all.length, 0n);
  begin.set(new Int32Array(BigInt64Array.of(sum).buffer), preamble.sum);
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, Buffer.concat([bytesOf(begin), all]), { mode: 0o600 });
  renameSync(fresh, file);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

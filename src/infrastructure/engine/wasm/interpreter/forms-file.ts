import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import { beginForms, type FormsImage, formsOf, type KnownShape } from './forms.ts';

/**
 * Forms that outlive the process. The file is a cache: one that is damaged, of another program, or not there costs time and nothing
 * else, and it may be deleted whenever one likes. It is the SHA-256 of the rest, a header line of JSON that is a multiple of four bytes
 * long, and the tables as little-endian i32s, and the modules.
 */
interface Header {
  /** What the forms depend on: the program that made them. */
  readonly identity: string;
  readonly shapes: readonly KnownShape[];
  readonly short: number;
  readonly long: number;
  readonly longs: number;
  readonly words: number;
  readonly modules: readonly {
    readonly key: string;
    readonly imports: readonly string[];
    readonly size: number;
  }[];
}

const prefix = 'forms-';
/** Files of other programs that are left alone. */
const othersKept = 3;
/** Encodings, and shapes, that are worth writing the file again. */
const worthWriting = { encodings: 256, shapes: 8 } as const;
/** More are not kept: a file of about 4 MB. */
const mostKept = 1 << 17;

export interface FormsFileOptions {
  readonly isa: InstructionSet;
  readonly directory: string;
  /** Where the file is looked for when it is not there. */
  readonly otherwise?: string;
  /** Of the program that makes forms: a SHA-256 of its code. */
  readonly identity: string;
}

/** Begins with the forms of the file; gives what writes it again where much was learned since. */
export function keepForms({ isa, directory, otherwise, identity }: FormsFileOptions): () => void {
  const name = `${prefix}${isa.name}-${identity.slice(0, 16)}`;
  const file = join(directory, name);
  const image =
    read(file, identity) ?? (otherwise === undefined ? undefined : read(join(otherwise, name), identity));
  if (image) beginForms(isa, image);
  const before = image ? formsOf(isa) : undefined;
  const [encodings, shapes] = [before?.size ?? 0, before?.shapes ?? 0];
  return () => {
    const forms = formsOf(isa);
    if (forms.size > mostKept) return;
    const learned =
      forms.size >= encodings + worthWriting.encodings || forms.shapes >= shapes + worthWriting.shapes;
    if (!learned && !(before && forms.lacksModules)) return;
    try {
      forms.assembleModules();
      write(file, identity, forms.image);
    } catch {
      // There is no place for a cache.
    }
  };
}

function read(file: string, identity: string): FormsImage | undefined {
  try {
    const bytes = readFileSync(file);
    const end = bytes.indexOf('\n');
    const digest = bytes.toString('latin1', 0, 64);
    if (end < 0 || hash('sha256', bytes.subarray(64)) !== digest) return undefined;
    const header = JSON.parse(bytes.toString('utf8', 64, end)) as Header;
    if (header.identity !== identity) return undefined;
    // What lies in the file is copied once, to where it is used.
    const longAt = header.short;
    const wordsAt = longAt + header.long;
    const tables = new Int32Array(bytes.buffer, bytes.byteOffset + end + 1, wordsAt + header.words);
    let moduleAt = end + 1 + tables.byteLength;
    const modules = header.modules.map(({ key, imports, size }) => {
      moduleAt += size;
      return { key, imports, bytes: bytes.subarray(moduleAt - size, moduleAt) };
    });
    return {
      shapes: header.shapes,
      short: tables.subarray(0, longAt),
      long: tables.subarray(longAt, wordsAt),
      longs: header.longs,
      words: tables.subarray(wordsAt),
      modules,
    };
  } catch {
    return undefined;
  }
}

function write(file: string, identity: string, image: FormsImage): void {
  const { shapes, short, long, longs, words, modules } = image;
  const header: Header = {
    ...{ identity, shapes },
    ...{ short: short.length, long: long.length, longs, words: words.length },
    modules: modules.map(({ key, imports, bytes }) => ({ key, imports, size: bytes.length })),
  };
  const text = JSON.stringify(header);
  // The tables begin at a multiple of four bytes.
  const line = Buffer.from(`${text}${' '.repeat(3 - (Buffer.byteLength(text) % 4))}\n`);
  const parts = [...[short, long, words].map(bytesOf), ...modules.map(({ bytes }) => bytes)];
  const rest = Buffer.concat([line, ...parts]);
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, Buffer.concat([Buffer.from(hash('sha256', rest), 'latin1'), rest]), { mode: 0o600 });
  renameSync(fresh, file);
  removeOthers(file);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Removes the files that other programs wrote, but for the newest. */
function removeOthers(file: string): void {
  const directory = dirname(file);
  const others = readdirSync(directory)
    .filter((name) => name.startsWith(prefix) && join(directory, name) !== file)
    .map((name) => ({ path: join(directory, name), written: statSync(join(directory, name)).mtimeMs }))
    .sort((a, b) => b.written - a.written);
  for (const { path } of others.slice(othersKept)) rmSync(path, { force: true });
}

import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramImage } from '../../../../application/ports/program-image.ts';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import { beginForms, type FormsImage, formsOf } from './forms.ts';
import { readForms, writeForms } from './forms-file.ts';

const prefix = 'forms-';
/** Encodings, and shapes, that are worth writing a file again. */
const worthWriting = { encodings: 256, shapes: 8 } as const;
/** Encodings in the file that all guests share: 1.2 MB, which every run reads. */
const mostShared = 1 << 14;
/** Files of single guests that are kept, those used last. */
const guestsKept = 12;
/** Files of other versions of this program that are left alone. */
const othersKept = 3;
const day = 86_400_000;
/** Bytes at either end of a guest's program that tell it from others. */
const marked = 512;

export interface KeptFormsOptions {
  readonly isa: InstructionSet;
  readonly directory: string;
  /** Where the file of all guests is looked for when it is not there. */
  readonly otherwise?: string;
  /** Of the program that makes forms: a SHA-256 of its code. */
  readonly identity: string;
  /** The guest's program, where it is known: what does not go into the file of all guests has one of its own. */
  readonly guest?: ProgramImage | undefined;
}

/**
 * Has forms outlive the process: begins with those of the guest's file, or else with those of all guests; gives what writes them again
 * where much was learned since. What all guests share stays small, for each of them reads it; a guest that has more is given its own.
 */
export function keepForms({ isa, directory, otherwise, identity, guest }: KeptFormsOptions): () => void {
  const shared = `${prefix}${isa.name}-${identity.slice(0, 16)}`;
  const own = guest && `${shared}-${markOf(guest)}`;
  const image =
    (own === undefined ? undefined : readUsed(join(directory, own), identity)) ??
    readForms(join(directory, shared), identity) ??
    (otherwise === undefined ? undefined : readForms(join(otherwise, shared), identity));
  if (image) beginForms(isa, image);
  const before = image ? formsOf(isa) : undefined;
  const [encodings, shapes] = [before?.size ?? 0, before?.shapes ?? 0];
  return () => {
    const forms = formsOf(isa);
    const name = forms.size <= mostShared ? shared : own;
    const learned =
      forms.size >= encodings + worthWriting.encodings || forms.shapes >= shapes + worthWriting.shapes;
    if (name === undefined || (!learned && !(before && forms.lacksModules))) return;
    try {
      forms.assembleModules();
      writeForms(join(directory, name), identity, forms.image);
      makeRoom(directory, shared);
    } catch {
      // There is no place for a cache.
    }
  };
}

/** The forms in a file, which stays among the last to go for that. */
function readUsed(file: string, identity: string): FormsImage | undefined {
  const image = readForms(file, identity);
  if (image === undefined) return undefined;
  try {
    const now = new Date();
    if (now.getTime() - statSync(file).mtimeMs > day) utimesSync(file, now, now);
  } catch {
    // It belongs to somebody else, or is gone by now.
  }
  return image;
}

/** Removes files that were not used for longest, of single guests and of other versions. */
function makeRoom(directory: string, shared: string): void {
  const files = readdirSync(directory)
    .filter((name) => name.startsWith(prefix) && name !== shared)
    .map((name) => ({ name, used: statSync(join(directory, name)).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  const isOfGuest = ({ name }: { readonly name: string }) => name.startsWith(`${shared}-`);
  const guests = files.filter(isOfGuest).slice(guestsKept);
  const others = files.filter((file) => !isOfGuest(file)).slice(othersKept);
  for (const { name } of [...guests, ...others]) rmSync(join(directory, name), { force: true });
}

/** FNV-1a, 64 bits, of a program's length and ends. Programs that are alike in these share a file, which costs time at most. */
function markOf(guest: ProgramImage): string {
  const { length } = guest;
  let mark = 0xcbf2_9ce4_8422_2325n;
  const add = (bytes: Uint8Array) => {
    for (const byte of bytes) mark = BigInt.asUintN(64, (mark ^ BigInt(byte)) * 0x100_0000_01b3n);
  };
  add(Uint8Array.of(length, length >>> 8, length >>> 16, length >>> 24));
  add(guest.subarray(0, Math.min(marked, length)));
  add(guest.subarray(Math.max(0, length - marked), length));
  return mark.toString(16).padStart(16, '0');
}

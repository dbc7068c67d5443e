import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramImage } from '../../../../application/ports/program-image.ts';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import { fnv1a } from '../../../../domain/shared/fnv.ts';
import { type CachedFile, cachedFiles, markUsed } from '../../../host/cached-files.ts';
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
    markUsed(file);
  } catch {
    // It belongs to somebody else, or is gone by now.
  }
  return image;
}

/** Removes files that were not used for longest, of single guests and of other versions. */
function makeRoom(directory: string, shared: string): void {
  const files = cachedFiles(directory).filter(({ name }) => name.startsWith(prefix) && name !== shared);
  const isOfGuest = ({ name }: CachedFile) => name.startsWith(`${shared}-`);
  const guests = files.filter(isOfGuest).slice(guestsKept);
  const others = files.filter((file) => !isOfGuest(file)).slice(othersKept);
  for (const { path } of [...guests, ...others]) rmSync(path, { force: true });
}

/** A hash of a program's length and ends. Programs that are alike in these share a file, which costs time at most. */
function markOf(guest: ProgramImage): string {
  const { length } = guest;
  const size = fnv1a([length, length >>> 8, length >>> 16, length >>> 24].map((byte) => byte & 0xff));
  const begin = fnv1a(guest.subarray(0, Math.min(marked, length)), size);
  const mark = fnv1a(guest.subarray(Math.max(0, length - marked), length), begin);
  return mark.toString(16).padStart(16, '0');
}

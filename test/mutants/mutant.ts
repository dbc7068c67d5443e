import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A seeded fault: one place of one source file that says something else. */
export interface Mutant {
  readonly id: string;
  readonly area: Area;
  /** From the repository's root. */
  readonly file: string;
  /** Text that the file holds exactly once. */
  readonly find: string;
  readonly replace: string;
  /** A regular expression over test names that concern it, where a check would take long to run whole. */
  readonly focus?: string;
}

export const areas = {
  semantics: 'what instructions mean',
  float: 'floating-point arithmetic of the reference',
  evaluator: 'the golden evaluator and the op table',
  rules: 'rules of the optimiser',
  passes: 'passes of the optimiser',
  lowering: 'code generation: what each op becomes in WebAssembly',
  'quick-float': 'floating-point arithmetic of the WebAssembly engine',
  engine: 'the WebAssembly engine around generated code',
  decoding: 'encoding, decoding, assembly',
  recording: 'recording and replay',
} as const;
export type Area = keyof typeof areas;

/** One line of a catalogue: id, text, what stands there instead, focus. */
export type Patch = readonly [id: string, find: string, replace: string, focus?: string];

export const mutantsOf = (area: Area, files: Readonly<Record<string, readonly Patch[]>>): readonly Mutant[] =>
  Object.entries(files).flatMap(([file, patches]) =>
    patches.map(([id, find, replace, focus]) => ({
      id,
      area,
      file,
      find,
      replace,
      ...(focus !== undefined && { focus }),
    })),
  );

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The name under which a source file stands in the catalogue. */
export const sourceName = (path: string): string => relative(root, path).split(sep).join('/');

/** The source with the fault in it. Throws where the text does not occur exactly once. */
export function planted({ id, file, find, replace }: Mutant, source: string): string {
  const occurrences = source.split(find).length - 1;
  if (occurrences !== 1)
    throw new Error(
      `the mutant ${id} is stale: ${file} has its text ${occurrences} times, not once; adapt the catalogue: ${find}`,
    );
  return source.replace(find, () => replace);
}

export const sourceOf = ({ file }: Mutant): string => readFileSync(`${root}/${file}`, 'utf8');

import type { MachineCreatedData } from '../../domain/virtual-machine/events.ts';
import { bytesOfHex, type Edit } from '../../domain/virtual-machine/edit.ts';
import { RecordingError } from '../recording/recording-error.ts';
import { placeOf } from './open-files.ts';

type FileEdit = Extract<Edit, { kind: 'file' }>;

/** Edited bytes of files below mounts, put into what is read of them. */
export class FileEdits {
  readonly #edits: readonly { readonly edit: FileEdit; readonly place: string; readonly bytes: Uint8Array }[];
  readonly #used = new Set<Edit>();

  /** Throws `invalid-request` for a file that lies below no mount. */
  constructor(edits: readonly Edit[], mounts: MachineCreatedData['mounts']) {
    this.#edits = edits
      .filter((edit) => edit.kind === 'file')
      .map((edit) => ({ edit, place: placeIn(edit.path, mounts), bytes: bytesOfHex(edit.bytes) }));
  }

  /** Edits whose bytes were not read. */
  get unused(): readonly Edit[] {
    return this.#edits.map(({ edit }) => edit).filter((edit) => !this.#used.has(edit));
  }

  /** `bytes`, read from `offset` on of the file at `place`, as edited. */
  apply(place: string | undefined, offset: number, bytes: Uint8Array): Uint8Array {
    let edited = bytes;
    for (const { edit, place: where, bytes: wanted } of this.#edits) {
      const at = edit.offset - offset;
      if (where !== place || at >= bytes.length || at + wanted.length <= 0) continue;
      if (edited === bytes) edited = bytes.slice();
      const from = Math.max(0, -at);
      edited.set(wanted.subarray(from, from + bytes.length - Math.max(0, at)), Math.max(0, at));
      this.#used.add(edit);
    }
    return edited;
  }
}

function placeIn(path: string, mounts: MachineCreatedData['mounts']): string {
  let best: { readonly mount: number; readonly root: string } | undefined;
  mounts.forEach(({ guest }, mount) => {
    const root = guest.replace(/\/+$/, '');
    if (path.startsWith(`${root}/`) && root.length >= (best?.root.length ?? 0)) best = { mount, root };
  });
  if (best !== undefined) {
    const { mount, root } = best;
    return placeOf({
      mount,
      path: path
        .slice(root.length + 1)
        .split('/')
        .filter((part) => part !== ''),
    });
  }
  const known = mounts.map(({ guest }) => guest).join(', ');
  throw new RecordingError(
    'invalid-request',
    `${path} lies below no mounted directory, so the recording has nothing of it; ${known === '' ? 'none was mounted' : `mounted: ${known}`}`,
  );
}

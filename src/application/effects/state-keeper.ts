import type { IndexedState } from '../../domain/effects-index/events.ts';
import type { HashFunction } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { CheckpointWriter } from '../recording/checkpoint-writer.ts';
import type { TimeMachine } from '../travel/time-machine.ts';

/** Instructions between states at least, and for each page that changed meanwhile: storing one takes as long as executing these. */
const [shortest, perPage] = [2 ** 22, 2 ** 16];
/** So far apart that getting there takes long, states are stored that cost more: a page is 4 KiB, so at most 0.25 bytes an instruction. */
const [far, perPageWhenFar] = [2 ** 25, 2 ** 14];

/** Stores states to start from, where they are due and cost little. */
export class StateKeeper {
  readonly #writer: CheckpointWriter;
  readonly #blobs: BlobStore;
  #last = 0;

  constructor(hash: HashFunction, blobs: BlobStore) {
    this.#writer = new CheckpointWriter(hash);
    this.#blobs = blobs;
  }

  /** The states that are found from now on lie after `icount`. */
  begin(icount: number): void {
    this.#last = icount;
  }

  /** Stores the machine's state if that is due. */
  async keep(time: TimeMachine): Promise<IndexedState | undefined> {
    const { machine } = time;
    const passed = machine.icount - this.#last;
    if (passed < shortest || machine.status.kind !== 'running') return undefined;
    const changedPages = machine.changedPages('snapshot');
    if (passed < (passed < far ? perPage : perPageWhenFar) * changedPages) return undefined;
    const { icount, replies, snapshot } = time.capture();
    const encoded = this.#writer.encode(snapshot);
    await this.#blobs.putMany(encoded.blobs);
    this.#last = icount;
    return { icount, replies, snapshot: encoded.snapshot };
  }
}

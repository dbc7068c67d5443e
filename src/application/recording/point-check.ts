import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import type { DivergenceReport, DivergentField } from '../../domain/virtual-machine/divergence.ts';
import { chainLink } from '../../domain/virtual-machine/schedule.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import type { ReplayPoint } from './recording-feed.ts';
import type { Replayer } from './replayer.ts';

type EventPoint = Extract<ReplayPoint, { readonly kind: 'event' }>;

/**
 * Holds a replayed machine against what its recording says. Laws: every digest, every link of the chain, every
 * checkpoint's contents and the end are recomputed, not read; the first difference is reported.
 */
export class PointChecker {
  readonly #replayer: Replayer;
  readonly #hash: HashFunction;
  readonly #blobs: BlobStore;
  readonly #checkpoints: CheckpointWriter;
  #agreedAt = 0;
  #digests = 0;
  #chain: Digest | undefined;

  constructor(replayer: Replayer, hash: HashFunction, blobs: BlobStore) {
    this.#replayer = replayer;
    this.#hash = hash;
    this.#blobs = blobs;
    this.#checkpoints = new CheckpointWriter(hash);
  }

  /** The last instruction count at which everything agreed. */
  get agreedAt(): number {
    return this.#agreedAt;
  }

  get digests(): number {
    return this.#digests;
  }

  get chain(): Digest | undefined {
    return this.#chain;
  }

  /** Links the machine's state at `icount` into the chain; gives the state's digest. */
  link(icount: number): Digest {
    const digest = this.#replayer.machine.digest();
    this.#chain = chainLink(this.#hash, this.#chain, icount, digest);
    return digest;
  }

  /** Checks MachineStarted. */
  start(recorded: { readonly digest: Digest; readonly chain: Digest }): DivergenceReport | undefined {
    const digest = this.link(0);
    this.#digests++;
    const fields = this.#compareDigests(recorded, digest);
    return fields.length === 0 ? undefined : this.#report(0, 1, 'MachineStarted', fields);
  }

  /** Checks the point at which the machine stands; `verify` false: only the things that replay itself must get right. */
  async check(point: EventPoint, verify: boolean): Promise<DivergenceReport | undefined> {
    const { event, icount, revision } = point;
    const { machine, host } = this.#replayer;
    const fields: DivergentField[] = [];
    const expect = (field: string, expected: string, found: string): void => {
      if (expected !== found) fields.push({ field, expected, found });
    };
    if (event.type === 'MachineExited') await this.#replayer.finish(icount);
    this.#replayer.fork();
    expect('instruction count', icount.toString(), machine.icount.toString());
    const asked = host.pending;
    if (asked !== undefined)
      expect(
        'host request',
        `${asked.call} at ${asked.icount.toString()} (event ${asked.revision.toString()})`,
        'none',
      );
    const status = event.type === 'MachineExited' ? event.data.status : { kind: 'running' };
    expect('status', printed(status), printed(machine.status));
    if (event.type === 'MachineExited' || event.type === 'MachineStopped')
      expect(
        'unsupported system calls',
        printed(event.data.unsupported),
        printed(Object.fromEntries(machine.unsupported)),
      );
    if (verify) {
      if (event.type === 'CheckpointTaken')
        fields.push(...(await this.#checkCheckpoint(event.data.snapshot)));
      else {
        const digest = this.link(icount);
        this.#digests++;
        fields.push(...this.#compareDigests(event.data, digest));
      }
    }
    if (fields.length > 0) return this.#report(icount, revision, event.type, fields);
    this.#agreedAt = icount;
    return undefined;
  }

  /** The guest ended where the recording goes on. */
  endedEarly(next: ReplayPoint | undefined): DivergenceReport {
    const { machine } = this.#replayer;
    const expected = next === undefined ? 'running' : `running until ${next.icount.toString()}`;
    const fields = [{ field: 'status', expected, found: printed(machine.status) }];
    return this.#report(machine.icount, undefined, undefined, fields);
  }

  #compareDigests(
    recorded: { readonly digest: Digest; readonly chain: Digest },
    digest: Digest,
  ): DivergentField[] {
    if (recorded.digest !== digest) return [{ field: 'digest', expected: recorded.digest, found: digest }];
    if (recorded.chain !== this.#chain)
      return [{ field: 'digest chain', expected: recorded.chain, found: this.#chain ?? 'none' }];
    return [];
  }

  async #checkCheckpoint(snapshot: Digest): Promise<DivergentField[]> {
    const digests: Digest[] = [];
    const blobs = this.#checkpoints.encodeImage(this.#replayer.machine.image());
    let next = blobs.next();
    for (; !next.done; next = blobs.next()) digests.push(this.#hash(next.value));
    if (next.value !== snapshot) return [{ field: 'checkpoint', expected: snapshot, found: next.value }];
    for (const digest of digests) await this.#blobs.get(digest);
    return [];
  }

  #report(
    icount: number,
    revision: number | undefined,
    type: string | undefined,
    fields: readonly DivergentField[],
  ): DivergenceReport {
    const { field, expected, found } = fields[0]!;
    const interval = `between instructions ${this.#agreedAt.toString()} and ${icount.toString()}`;
    const where = revision === undefined ? '' : ` (event ${revision.toString()}, ${type ?? ''})`;
    return {
      agreedAt: this.#agreedAt,
      differsAt: icount,
      expectedBy: 'recording',
      foundBy: this.#replayer.machine.engine,
      fields,
      ...(revision !== undefined && type !== undefined && { event: { revision, type } }),
      summary: `the replay departs from the recording ${interval}${where}: ${field} is ${found}, recorded is ${expected}`,
    };
  }
}

/** JSON with sorted keys. */
const printed = (value: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));

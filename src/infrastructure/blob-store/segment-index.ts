import { open, readdir, stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Damage } from '../../application/ports/store-fault.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { fileMagic, type RecordHead } from './segment-format.ts';
import { scanSegment, type FoundGap } from './segment-scan.ts';

/** A record that can be read, as far as is known. */
export interface SegmentRecord {
  readonly segment: string;
  readonly payloadAt: number;
  readonly head: RecordHead;
  /** Whether the payload's checksum has been compared; a wrong one takes the record out of the index. */
  checked: boolean;
}

interface Segment {
  scannedTo: number;
  readonly records: SegmentRecord[];
  damaged: boolean;
}

export interface ScanOptions {
  /** Compare the payloads' checksums: of everything, of nothing, or of so many bytes, newest segments first. */
  readonly contentBytes: number;
  /** Cut off what a killed writer left half written; only when nobody else has the store open. */
  readonly truncate: boolean;
}

/**
 * Where each blob is, rebuilt from the segment files. Law: a digest is in `find` or in `lost`, never in both; it is lost only
 * when no sound record holds it.
 */
export class SegmentIndex {
  readonly #directory: string;
  readonly #places = new Map<Digest, SegmentRecord>();
  readonly #lost = new Map<Digest, string>();
  readonly #segments = new Map<string, Segment>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  find(digest: Digest): SegmentRecord | undefined {
    return this.#places.get(digest);
  }

  /** Where a blob was that can no longer be read. */
  lostIn(digest: Digest): string | undefined {
    return this.#lost.get(digest);
  }

  get segments(): ReadonlyMap<string, Segment> {
    return this.#segments;
  }

  add(record: SegmentRecord, end: number): void {
    const segment = this.#segment(record.segment);
    segment.records.push(record);
    segment.scannedTo = Math.max(segment.scannedTo, end);
    for (const { digest } of record.head.entries) {
      this.#places.set(digest, record);
      this.#lost.delete(digest);
    }
  }

  /** Takes a record whose payload proved unreadable out of the index. */
  markDamaged(record: SegmentRecord): void {
    const segment = this.#segment(record.segment);
    segment.damaged = true;
    if (segment.records.includes(record)) segment.records.splice(segment.records.indexOf(record), 1);
    for (const { digest } of record.head.entries) {
      if (this.#places.get(digest) !== record) continue;
      this.#places.delete(digest);
      const copy = this.#copyOf(digest);
      if (copy !== undefined) this.#places.set(digest, copy);
      else this.#lost.set(digest, record.segment);
    }
  }

  #recordDamage({ segment, payloadAt, head }: SegmentRecord): Damage {
    const gone = head.entries.map(({ digest }) => digest).filter((digest) => this.#lost.has(digest));
    const some =
      gone.slice(0, 8).join(', ') + (gone.length > 8 ? `, and ${String(gone.length - 8)} more` : '');
    return {
      where: `${join(this.#directory, segment)}, byte ${String(payloadAt)}`,
      what: 'the checksum of a record is wrong',
      lost:
        gone.length === 0
          ? 'nothing: each blob is stored elsewhere too'
          : `${String(gone.length)} blobs: ${some}`,
    };
  }

  forget(segment: string): void {
    const records = this.#segments.get(segment)?.records ?? [];
    this.#segments.delete(segment);
    for (const record of records) {
      for (const { digest } of record.head.entries) {
        if (this.#places.get(digest) === record) this.#places.delete(digest);
      }
    }
  }

  /** Reads what is new in the directory since the last scan. */
  async scan({ contentBytes, truncate: mayTruncate }: ScanOptions): Promise<readonly Damage[]> {
    const damage: Damage[] = [];
    const unsound: SegmentRecord[] = [];
    let budget = contentBytes;
    const files = await this.#files();
    for (const known of [...this.#segments.keys()]) {
      if (!files.some(({ name }) => name === known)) this.forget(known);
    }
    for (const { name, size } of files) {
      const { scannedTo } = this.#segment(name);
      if (size <= scannedTo) continue;
      const contents = budget >= size - scannedTo;
      if (contents) budget -= size - scannedTo;
      const torn = await this.#scanFile(name, size, contents, damage, unsound);
      if (torn !== undefined && mayTruncate) damage.push(await this.#cut(name, torn));
    }
    // Only now: what a damaged record held may lie in a sound one that was scanned later.
    return [...damage, ...unsound.map((record) => this.#recordDamage(record))];
  }

  async #files(): Promise<readonly { name: string; size: number }[]> {
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith('.seg'));
    const files: { name: string; size: number; mtimeMs: number }[] = [];
    for (const name of names) {
      try {
        const { size, mtimeMs } = await stat(join(this.#directory, name));
        files.push({ name, size, mtimeMs });
      } catch (error) {
        // Collected by its owner since the directory was read.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    return files.sort((a, b) => b.mtimeMs - a.mtimeMs || (a.name < b.name ? -1 : 1));
  }

  async #scanFile(
    name: string,
    size: number,
    contents: boolean,
    damage: Damage[],
    unsound: SegmentRecord[],
  ): Promise<FoundGap | undefined> {
    const segment = this.#segment(name);
    const file = await open(join(this.#directory, name), 'r');
    try {
      for await (const found of scanSegment(file, size, segment.scannedTo, contents)) {
        if (found.kind === 'torn') return found;
        segment.scannedTo = found.end;
        if (found.kind === 'record') {
          const { payloadAt, head, sound } = found;
          const record = { segment: name, payloadAt, head, checked: sound === true };
          this.add(record, found.end);
          if (sound === false) {
            this.markDamaged(record);
            unsound.push(record);
          }
        } else {
          segment.damaged = true;
          damage.push(this.#gapDamage(name, found));
        }
      }
      return undefined;
    } finally {
      await file.close();
    }
  }

  #gapDamage(name: string, { offset, end }: FoundGap): Damage {
    const bytes = end - offset;
    return {
      where: `${join(this.#directory, name)}, bytes ${String(offset)} to ${String(end - 1)}`,
      what: offset < fileMagic.length ? 'this is not how a segment file begins' : 'these bytes are no record',
      lost:
        offset < fileMagic.length
          ? 'nothing yet'
          : `the blobs in ${String(bytes)} bytes; which, cannot be told`,
    };
  }

  async #cut(name: string, { offset, end }: FoundGap): Promise<Damage> {
    const path = join(this.#directory, name);
    if (offset <= fileMagic.length) {
      await unlink(path);
      this.#segments.delete(name);
    } else {
      await truncate(path, offset);
    }
    return {
      where: `${path}, bytes ${String(offset)} to ${String(end - 1)}`,
      what: 'the last record is incomplete: its writer was ended while it wrote, or the file was cut short; it was cut off',
      lost: 'nothing that an event refers to, unless the file was cut short afterwards',
    };
  }

  #copyOf(digest: Digest): SegmentRecord | undefined {
    for (const { records } of this.#segments.values()) {
      const copy = records.find(({ head }) => head.entries.some((entry) => entry.digest === digest));
      if (copy !== undefined) return copy;
    }
    return undefined;
  }

  #segment(name: string): Segment {
    const known = this.#segments.get(name);
    if (known !== undefined) return known;
    const fresh = { scannedTo: 0, records: [], damaged: false };
    this.#segments.set(name, fresh);
    return fresh;
  }
}

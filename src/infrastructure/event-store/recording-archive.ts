import { stat } from 'node:fs/promises';
import type { EventToAppend } from '../../application/ports/event-store.ts';
import {
  ArchiveFault,
  type ArchiveContents,
  type ArchiveSummary,
  type RecordingArchive,
  type Stores,
} from '../../application/ports/recording-archive.ts';
import { readArchive } from './archive-reader.ts';
import { asArchiveFault, writeArchive } from './archive-writer.ts';

/** About how many bytes are put into the store at a time. */
const batchBytes = 4 << 20;

/** Recordings in one file of our own format (archive-format.ts). */
export class FileRecordingArchive implements RecordingArchive {
  write(path: string, contents: ArchiveContents, from: Stores): Promise<ArchiveSummary> {
    return writeArchive(path, contents, from);
  }

  async verify(path: string): Promise<ArchiveSummary> {
    try {
      let blobs = 0;
      const streams: { name: string; events: number }[] = [];
      for await (const item of readArchive(path)) {
        if (item.kind === 'blob') blobs++;
        if (item.kind === 'stream') streams.push({ name: item.name, events: item.events });
      }
      return { streams, blobs, bytes: (await stat(path)).size };
    } catch (error) {
      throw asArchiveFault(error, path);
    }
  }

  async read(
    path: string,
    into: Stores,
    rename: (stream: string) => string = (name) => name,
  ): Promise<ArchiveSummary> {
    const summary = await this.verify(path);
    const renamed = new Set(summary.streams.map(({ name }) => rename(name)));
    if (renamed.size !== summary.streams.length) {
      throw new ArchiveFault('archive-conflict', `Two streams of ${path} would get the same name.`, {
        file: path,
      });
    }
    const present = await this.#present(path, summary, into, rename);
    const made = new Set<string>();
    try {
      for await (const item of inBatches(path, (name) =>
        present.has(rename(name)) ? undefined : rename(name),
      )) {
        if ('blobs' in item) await into.blobs.putMany(item.blobs);
        else await this.#append(path, into, item, made);
      }
    } catch (error) {
      // Blobs that came in are harmless; a stream that is not whole is not.
      for (const stream of made) await into.events.delete(stream).catch(() => false);
      throw asArchiveFault(error, path);
    }
    return summary;
  }

  /** The streams that are in the store already with just these events. Throws ArchiveFault where they have others. */
  async #present(
    path: string,
    { streams }: ArchiveSummary,
    into: Stores,
    rename: (stream: string) => string,
  ): Promise<ReadonlySet<string>> {
    const present = new Set<string>();
    for (const { name } of streams) {
      for await (const { stream } of into.events.read(rename(name), { limit: 1 })) present.add(stream);
    }
    if (present.size === 0) return present;
    let stored: AsyncIterator<EventToAppend> | undefined;
    let target = '';
    const conflict = (): ArchiveFault => {
      const message = `The store has a recording stream ${target} with other events; import it under another name, or delete it first.`;
      return new ArchiveFault('archive-conflict', message, { file: path, stream: target });
    };
    const mustBeAtEnd = async (): Promise<void> => {
      if (stored !== undefined && (await stored.next()).done !== true) throw conflict();
    };
    for await (const item of readArchive(path)) {
      if (item.kind === 'stream') {
        await mustBeAtEnd();
        target = rename(item.name);
        stored = present.has(target) ? into.events.read(target)[Symbol.asyncIterator]() : undefined;
      } else if (item.kind === 'event' && stored !== undefined) {
        const next = await stored.next();
        if (next.done === true || !sameEvent(next.value, item.event)) throw conflict();
      }
    }
    await mustBeAtEnd();
    return present;
  }

  async #append(
    path: string,
    into: Stores,
    { stream, expected, events }: EventBatch,
    made: Set<string>,
  ): Promise<void> {
    const result = await into.events.append(stream, expected, events);
    if (!result.ok) {
      const message = `Stream ${stream} was written by somebody else during the import; try again.`;
      throw new ArchiveFault('archive-conflict', message, { file: path, stream });
    }
    made.add(stream);
  }
}

interface EventBatch {
  readonly stream: string;
  readonly expected: 'none' | number;
  readonly events: readonly EventToAppend[];
}

/**
 * An archive's blobs and events in portions to be stored at once, blobs before the events that follow them; the events of
 * a stream for which `target` gives no name are left out.
 */
async function* inBatches(
  path: string,
  target: (stream: string) => string | undefined,
): AsyncGenerator<{ readonly blobs: readonly Uint8Array[] } | EventBatch> {
  let blobs: Uint8Array[] = [];
  let events: EventToAppend[] = [];
  let size = 0;
  let stream: string | undefined;
  let revision = -1;
  const take = function* (): Generator<{ readonly blobs: readonly Uint8Array[] } | EventBatch> {
    if (blobs.length > 0) yield { blobs };
    if (events.length > 0 && stream !== undefined) {
      yield { stream, expected: revision === -1 ? 'none' : revision, events };
      revision += events.length;
    }
    blobs = [];
    events = [];
    size = 0;
  };
  for await (const item of readArchive(path)) {
    if (item.kind === 'blob') {
      blobs.push(item.content);
      size += item.content.length + 100;
    } else if (item.kind === 'stream') {
      yield* take();
      revision = -1;
      stream = target(item.name);
    } else if (stream !== undefined) {
      events.push(item.event);
      size += JSON.stringify(item.event.data).length + 100;
    }
    if (size >= batchBytes) yield* take();
  }
  yield* take();
}

const sameEvent = (a: EventToAppend, b: EventToAppend): boolean =>
  a.id === b.id &&
  a.type === b.type &&
  a.version === b.version &&
  JSON.stringify(a.data) === JSON.stringify(b.data);

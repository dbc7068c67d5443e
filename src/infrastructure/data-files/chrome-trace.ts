import type { UnfinishedFile } from '../../application/ports/data-files.ts';
import type { TimelineItem } from '../../application/ports/timeline-file.ts';
import { TextFile } from './text-file.ts';

/** An event of the Trace Event Format; its microseconds are instructions. */
export type TraceEvent = Readonly<Record<string, unknown>> & { readonly ph: string; readonly pid: number };

/** The JSON object of the Trace Event Format, which chrome://tracing and Perfetto read, written as items come. */
export class ChromeTrace implements UnfinishedFile<readonly TimelineItem[]> {
  readonly #file: TextFile;
  #begun = false;

  private constructor(file: TextFile) {
    this.#file = file;
  }

  static async create(path: string): Promise<ChromeTrace> {
    return new ChromeTrace(await TextFile.create(path));
  }

  async write(items: readonly TimelineItem[]): Promise<void> {
    const text = items.map((item) => JSON.stringify(traceEvent(item))).join(',\n');
    if (text === '') return;
    await this.#file.write(`${this.#begun ? ',\n' : '{"traceEvents":[\n'}${text}`);
    this.#begun = true;
  }

  async finish(): Promise<number> {
    const begin = this.#begun ? '\n' : '{"traceEvents":[\n';
    await this.#file.write(`${begin}],"otherData":{"unit":"a microsecond is an instruction"}}\n`);
    return this.#file.finish();
  }

  discard(): Promise<void> {
    return this.#file.discard();
  }
}

function traceEvent(item: TimelineItem): TraceEvent {
  switch (item.kind) {
    case 'process':
      return {
        ph: 'M',
        name: 'process_name',
        pid: item.process,
        tid: item.process,
        args: { name: item.name },
      };
    case 'thread':
      return { ph: 'M', name: 'thread_name', pid: item.process, tid: item.thread, args: { name: item.name } };
    case 'span': {
      const { name, category: cat, begin: ts, end, process: pid, thread: tid, details: args } = item;
      return { ph: 'X', name, cat, ts, dur: end - ts, pid, tid, ...(args && { args }) };
    }
    case 'moment': {
      const { name, at: ts, process: pid, thread: tid } = item;
      return { ph: 'i', name, cat: 'signal', ts, pid, tid, s: 't' };
    }
    case 'counter':
      return { ph: 'C', name: item.name, ts: item.at, pid: 0, args: item.values };
  }
}

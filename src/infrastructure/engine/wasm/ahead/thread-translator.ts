import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type {
  AheadOutcome,
  AheadTranslator,
  AheadWork,
} from '../../../../application/ports/ahead-translator.ts';
import type { GuestSetup } from '../../../../application/ports/guest-machine.ts';

/** What a thread is started with, asked, and answers. */
export interface TranslationSetup {
  readonly setup: GuestSetup;
  readonly directory: string;
  readonly identity: string;
}
export type TranslationRequest = readonly number[];
export type TranslationReply = AheadOutcome;

/** Regions that a thread is asked for at a time: what is lost at most when the process is killed, and how evenly threads end. */
export const usualChunk = 8;

// Beside this file in the sources (Node strips the types), and beside it when compiled.
const workerFile = new URL(
  `./translation-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** Translates in worker threads, each of which takes the next few regions when it has done its own, and keeps them in `directory`. */
export const threadTranslator = (
  { directory, identity }: Omit<TranslationSetup, 'setup'>,
  chunk = usualChunk,
): AheadTranslator => ({
  async translate({ setup, addresses, jobs, signal, onProgress }: AheadWork): Promise<AheadOutcome> {
    const total = addresses.length;
    const threads = Math.min(jobs, Math.ceil(total / chunk));
    const workers = Array.from(
      { length: threads },
      () =>
        new Worker(workerFile, {
          workerData: { setup, directory, identity } satisfies TranslationSetup,
          execArgv: ['--disable-warning=ExperimentalWarning'],
        }),
    );
    let [next, done, outcome] = [0, 0, { translated: 0, optimised: 0, known: 0, without: 0 }];
    const work = async (worker: Worker): Promise<void> => {
      while (next < total && signal?.aborted !== true) {
        const request = addresses.slice(next, (next += chunk));
        const reply = await ask(worker, request);
        outcome = sum(outcome, reply);
        onProgress?.({ done: (done += request.length), total });
      }
    };
    try {
      // One after another: a flag of V8's that is the process's is set while each finds out whether there is machine code.
      for (const worker of workers) await ask(worker, []);
      await Promise.all(workers.map(work));
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    return outcome;
  },
});

/** Rejects when the thread fails. */
async function ask(worker: Worker, request: TranslationRequest): Promise<TranslationReply> {
  worker.postMessage(request);
  const [reply] = (await once(worker, 'message')) as [TranslationReply];
  return reply;
}

const sum = (a: AheadOutcome, b: AheadOutcome): AheadOutcome => ({
  translated: a.translated + b.translated,
  optimised: a.optimised + b.optimised,
  known: a.known + b.known,
  without: a.without + b.without,
});

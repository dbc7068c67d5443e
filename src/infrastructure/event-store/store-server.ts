import { Worker } from 'node:worker_threads';
import { SqliteDesk } from './sqlite-desk.ts';
import type { Message, Numbered } from './sqlite-protocol.ts';

/** Whoever serves the requests of a store: takes them in order, and tells what comes of them. */
export interface StoreServer {
  post(request: Numbered): void;
  /** Whether this is to keep the process alive. */
  keepAlive(wanted: boolean): void;
  terminate(): Promise<void>;
}

/** Serves in this thread, which waits for the disk then; a request that was taken keeps the process alive until it is answered. */
function serveHere(receive: (message: Message) => void): StoreServer {
  const desk = new SqliteDesk(receive);
  return {
    post: (request) => {
      desk.take(request);
    },
    keepAlive: () => undefined,
    terminate: () => Promise.resolve(),
  };
}

// Beside this file in the sources (Node strips the types), and beside it when compiled.
const workerFile = new URL(
  `./sqlite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** Serves in a thread of its own; `ended`: it ended, or failed. */
function serveInThread(receive: (message: Message) => void, ended: (error: unknown) => void): StoreServer {
  const worker = new Worker(workerFile, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  worker.on('message', receive);
  worker.on('error', ended);
  worker.on('exit', () => {
    ended(undefined);
  });
  worker.unref();
  return {
    post: (request) => {
      worker.postMessage(request);
    },
    keepAlive(wanted) {
      if (wanted) worker.ref();
      else worker.unref();
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}

export interface StoreServers {
  readonly here: typeof serveHere;
  readonly inThread: typeof serveInThread;
}

export const storeServers: StoreServers = { here: serveHere, inThread: serveInThread };

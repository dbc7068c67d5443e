import { parentPort } from 'node:worker_threads';
import type { Message, Numbered } from './sqlite-protocol.ts';
import { SqliteDesk } from './sqlite-desk.ts';

// The thread of one SqliteEventStore: hands what arrives to the desk.
const port = parentPort;
if (port === null) throw new Error('sqlite-worker.ts runs as a worker thread only');
const desk = new SqliteDesk((message: Message) => {
  port.postMessage(message);
});
port.on('message', (request: Numbered) => {
  desk.take(request);
});

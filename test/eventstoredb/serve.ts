import { InProcessServer } from './in-process-server.ts';

/** Serves an empty event store until the standard input ends; prints its URL. */
const server = await InProcessServer.start();
process.stdout.write(`${server.url}\n`);
process.stdin.resume().on('end', () => {
  void server.close();
});

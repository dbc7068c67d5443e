import type { Readable, Writable } from 'node:stream';
import { DapSession } from './dap-session.ts';
import type { DebuggedGuest } from './debugger.ts';

/** Serves one client until it disconnects or goes away, or `signal` aborts. */
export async function serveClient(
  { from, to }: { readonly from: Readable; readonly to: Writable },
  guest: DebuggedGuest,
  signal: AbortSignal,
): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
  const finish = () => {
    end(undefined);
  };
  const session = new DapSession(guest, finish);
  signal.addEventListener('abort', finish);
  from.on('end', finish);
  session.start(from, to);
  await ended;
  signal.removeEventListener('abort', finish);
  await session.settled();
  to.end();
  from.destroy();
}

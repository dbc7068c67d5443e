import type { Readable, Writable } from 'node:stream';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Answer, bye, type GdbSession } from './gdb-session.ts';
import { encodePacket, hexOf, PacketReader } from './packet.ts';

/** Where a debugger connects: two streams, or a socket. */
export interface Connection {
  readonly from: Readable;
  readonly to: Writable;
}

/** Serves one debugger until it detaches, kills, or goes away; or `signal` aborts. */
export async function serveConnection(
  { from, to }: Connection,
  open: (print: (text: string) => void) => GdbSession,
  signal: AbortSignal,
): Promise<void> {
  const send = (payload: string) => to.write(encodePacket(payload));
  const session = open((text) => send(`O${hexOf(Buffer.from(text))}`));
  const reader = new PacketReader();
  let last = '';
  let working = Promise.resolve();
  let waiting = 0;
  let failed: unknown;
  const finish = () => from.destroy();
  const reply = (answer: Answer, packet: string): void => {
    last = answer === bye ? 'OK' : answer;
    // Killing has no answer.
    if (packet !== 'k') send(last);
    if (answer === bye) to.end(finish);
  };
  const take = (packet: string): void => {
    waiting++;
    working = working.then(async () => {
      reply(await session.answer(packet), packet);
      waiting--;
    });
    working.catch((error: unknown) => {
      failed = error;
      finish();
    });
  };
  signal.addEventListener('abort', finish);
  from.on('data', (bytes: Buffer) => {
    for (const received of reader.feed(bytes)) {
      if (received.kind === 'interrupt' && waiting > 0) session.interrupt();
      if (received.kind === 'acknowledged' && !received.intact) send(last);
      if (received.kind !== 'packet') continue;
      if (!session.noAcknowledgements) to.write(received.intact ? '+' : '-');
      if (received.intact) take(received.payload);
    }
  });
  // Where the debugger went away there is nobody to tell.
  to.on('error', finish);
  from.on('error', finish);
  if (!from.destroyed) await Promise.race([once(from, 'close'), once(from, 'end')]);
  session.interrupt();
  await working.catch(() => undefined);
  signal.removeEventListener('abort', finish);
  if (failed !== undefined) throw failed;
}

/** Listens at `host`:`port` (0: any free one) for one debugger; tells `listening` the address. Undefined when aborted first. */
export async function acceptOne(
  host: string,
  port: number,
  listening: (address: string) => void,
  signal: AbortSignal,
): Promise<Socket | undefined> {
  const server = createServer({ noDelay: true });
  const close = () => server.close();
  signal.addEventListener('abort', close);
  try {
    server.listen(port, host);
    await once(server, 'listening');
    const address = server.address();
    listening(
      typeof address === 'object' && address !== null
        ? `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
        : String(address),
    );
    const [socket] = (await Promise.race([once(server, 'connection'), once(server, 'close')])) as [
      Socket | undefined,
    ];
    return socket;
  } finally {
    signal.removeEventListener('abort', close);
    server.close();
  }
}

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { GdbSession } from '../../src/interfaces/gdb/gdb-session.ts';
import { encodePacket, PacketReader } from '../../src/interfaces/gdb/packet.ts';
import { serveConnection } from '../../src/interfaces/gdb/serve.ts';
import { type Isochron, openIsochron } from '../../src/library.ts';

/** The remote protocol, packet by packet, also where no debugger would send such packets. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));

let isochron: Isochron;
beforeAll(async () => {
  isochron = await openIsochron();
  await isochron.run({ program: guest('threads'), programPath: '/bin/threads', record: 'threads' });
  await isochron.run({
    program: guest('compute'),
    programPath: '/bin/compute',
    arguments: ['6000000'],
    record: 'long',
  });
});
afterAll(() => isochron.close());

/** A connection to a server of a recording. */
async function connect(recording: string) {
  const session = await isochron.travel({ recording });
  const [from, to] = [new PassThrough(), new PassThrough()];
  const reader = new PacketReader();
  const answers: string[] = [];
  let acknowledged = '';
  let wake: () => void = () => undefined;
  to.on('data', (bytes: Buffer) => {
    for (const received of reader.feed(bytes)) {
      if (received.kind === 'packet') answers.push(received.payload);
      if (received.kind === 'acknowledged') acknowledged += received.intact ? '+' : '-';
    }
    wake();
  });
  const open = (print: (text: string) => void) =>
    new GdbSession(
      {
        session,
        memorySize: 2 ** 32,
        program: () => isochron.program(recording),
        fork: (edits, branch) => isochron.fork({ recording, at: session.icount, edits, branch }),
      },
      print,
    );
  const ended = serveConnection({ from, to }, open, new AbortController().signal);
  const next = async (): Promise<string> => {
    while (answers.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return answers.shift()!;
  };
  const ask = (packet: string): Promise<string> => {
    from.write(encodePacket(packet));
    return next();
  };
  return { session, from, ask, next, ended, acknowledged: () => acknowledged };
}

describe('the server of the remote protocol', () => {
  test('says what it supports, and answers nothing to what it does not know', async () => {
    const { ask, from, ended } = await connect('threads');
    expect(await ask('qSupported:multiprocess+;swbreak+')).toMatch(/ReverseStep\+;ReverseContinue\+/);
    for (const unknown of ['!', 'vMustReplyEmpty', 'qNonsense', 'vRun;', 'Z9,0,0', 'b', 'vFile:unlink:00'])
      expect([unknown, await ask(unknown)]).toEqual([unknown, '']);
    expect(await ask('D')).toBe('OK');
    await ended;
    expect(from.destroyed).toBe(true);
  });

  test('acknowledges, has packets that were damaged sent again, and stops doing so when asked', async () => {
    const { ask, from, next, acknowledged } = await connect('threads');
    from.write('$qC#00');
    expect(await ask('qC')).toBe('QC64');
    expect(acknowledged()).toBe('-+');
    from.write('-');
    expect(await next()).toBe('QC64');
    expect(await ask('QStartNoAckMode')).toBe('OK');
    expect(await ask('qC')).toBe('QC64');
    expect(acknowledged()).toBe('-++');
  });

  test('shows memory as far as it is mapped, and registers by number', async () => {
    const { ask, session } = await connect('threads');
    await session.seek(1000);
    const stack = session.regions().find(({ name }) => name === '[stack]')!;
    expect(await ask(`m${(stack.end - 4).toString(16)},40`)).toMatch(/^[0-9a-f]{8}$/);
    expect(await ask('m0,8')).toBe('E14');
    expect(await ask('mffffffffffffffff,8')).toBe('E14');
    expect(await ask('mzz')).toBe('E01');
    const all = await ask('g');
    const pc = await ask('p20');
    expect(Buffer.from(pc, 'hex').readBigUInt64LE()).toBe(session.pc());
    expect(all.slice(32 * 16, 33 * 16)).toBe(pc);
    expect(await ask('p7777')).toBe('E00');
    for (const change of ['G00', 'P20=00', 'M0,1:00', 'X0,1:0']) expect(await ask(change)).toMatch(/^E\./);
    expect(await ask('qXfer:features:read:target.xml:0,20')).toMatch(/^m<\?xml/);
    expect(await ask('qXfer:features:read:other.xml:0,20')).toBe('E00');
    expect(await ask('qXfer:features:read:target.xml:fffff,20')).toBe('l');
  });

  test('forks where it stands', async () => {
    const { from, next, session } = await connect('threads');
    const monitor = async (line: string): Promise<string> => {
      from.write(encodePacket(`qRcmd,${Buffer.from(line).toString('hex')}`));
      const said = Buffer.from((await next()).slice(1), 'hex').toString();
      expect(await next()).toBe('OK');
      return said;
    };
    await session.seek(5000);
    expect(await monitor('fork changed a0=0x77')).toMatch(
      /^threads\/changed goes on to instruction \d+; `isochron gdb threads\/changed\/5000`/,
    );
    const branch = await isochron.travel({ recording: 'threads/changed' });
    await branch.seek(5000);
    expect(branch.registers()!.get('x10')).toBe(0x77n);
    expect(await monitor('fork changed')).toMatch(/a branch named changed already/);
    expect(await monitor('fork a99=1')).toMatch(/"a99=1" changes nothing/);
    expect(await monitor('fork other 0x0=00')).toMatch(/nothing is mapped at 0x0/);
    expect(await monitor('help')).toMatch(/monitor fork \[NAME\]/);
    expect(await monitor('seek threads/changed/3')).toMatch(/an instant of another branch/);
  });

  test('knows the threads there are', async () => {
    const { ask, session } = await connect('threads');
    await session.seek(session.last - 1000);
    const ids = session.threads().map(({ id }) => id.toString(16));
    expect(await ask('qfThreadInfo')).toBe(`m${ids.join(',')}`);
    expect(await ask(`T${ids[0]!}`)).toBe('OK');
    expect(await ask('T7777')).toBe('E00');
    expect(await ask('Hg7777')).toBe('E00');
    expect(await ask(`Hg${ids[0]!}`)).toBe('OK');
    expect(await ask('qXfer:threads:read::0,1000')).toContain('name="threads"');
  });

  test('stops a guest that runs when it is interrupted', async () => {
    const { ask, from, next, session } = await connect('long');
    from.write(encodePacket('vCont;c'));
    from.write('\u0003');
    expect(await next()).toMatch(/^T02thread:64;/);
    expect(session.icount).toBeLessThan(session.last);
    expect(await ask('vCont;c')).toMatch(/^T05thread:64;replaylog:end;/);
    expect(session.icount).toBe(session.last);
    expect(await ask('bc')).toMatch(/replaylog:begin/);
    expect(session.icount).toBe(0);
    expect(await ask('bs')).toMatch(/replaylog:begin/);
    expect(await ask('s')).toBe('T05thread:64;');
    expect(session.icount).toBe(1);
  });

  test('ends when the debugger goes away', async () => {
    const { from, ended } = await connect('threads');
    from.end();
    await expect(ended).resolves.toBeUndefined();
  });
});

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Isochron } from '../../../application/isochron.ts';
import { command, type Invocation } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { guestOptions, guestRequest, namingProgram } from '../guest-request.ts';
import { single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, storeOption } from '../shared-options.ts';
import { endReason } from '../status-text.ts';
import { grouped } from '../tables.ts';
import { UsageError } from '../usage-error.ts';

const standard = { host: '127.0.0.1', port: 1234 } as const;
/** The recording that a program is kept as while it is debugged. */
const temporary = 'program';

const options = {
  listen: single('HOST:PORT|stdio', 'where GDB connects; port 0: any free one', parseListen, {
    fallback: `${standard.host}:${standard.port}`,
  }),
  ...engineOption,
  ...guestOptions,
  ...storeOption,
} as const;

export const gdb = command({
  name: 'gdb',
  summary: 'let GDB debug a recording, forwards and backwards',
  operands: [
    {
      name: 'TARGET',
      summary: 'a recording’s name, or a program; with a / in it, always a program',
      required: true,
      complete: 'recording',
    },
    {
      name: 'ARGUMENT',
      summary: 'goes to the program as it is',
      required: false,
      repeated: true,
    },
  ],
  passThrough: true,
  options,
  description: [
    'Serves the GDB remote protocol to one debugger, and ends with it. Everything can be looked at, in both directions: registers, memory, threads, breakpoints, watchpoints, reverse-step, reverse-continue. Nothing can be changed, for a recording is what it is.',
    'A program is run first and recorded in memory, to its end or to Ctrl-C; then the recording is debugged. The options from --mount on are those of `isochron run`.',
    'It listens on the loopback interface unless --listen says otherwise: whoever connects sees all memory of the guest. With --listen stdio, GDB starts it by itself.',
    '`monitor help` lists what can be asked beyond GDB’s own commands, such as the instruction count.',
  ],
  examples: [
    {
      command: 'isochron gdb first',
      says: 'then, in another terminal: gdb-multiarch -ex "target remote :1234"',
    },
    {
      command: 'gdb-multiarch -ex "target remote | isochron gdb --listen stdio first"',
      says: 'the same from within GDB',
    },
    { command: 'isochron gdb --listen 127.0.0.1:0 ./program one two', says: 'record a program and debug it' },
  ],
  async run(invocation) {
    const { options: given, terminal } = invocation;
    const { listen = standard } = given;
    const say = (line: string) => terminal.write('stderr', `isochron: ${line}\n`);
    const [isochron, recording] = await target(invocation, say);
    const { memorySize } = await isochron.show(recording);
    const { GdbSession } = await import('../../gdb/gdb-session.ts');
    const { acceptOne, serveConnection } = await import('../../gdb/serve.ts');
    const session = await isochron.travel({ recording, engine: given.engine });
    const open = (print: (text: string) => void) =>
      new GdbSession(session, memorySize, () => isochron.program(recording), print);
    if (listen === 'stdio') {
      await serveConnection({ from: process.stdin, to: process.stdout }, open, terminal.interruption);
      return exitStatus.success;
    }
    const listening = (address: string) => {
      say(`${recording} waits for GDB: target remote ${address}`);
    };
    const socket = await acceptOne(listen.host, listen.port, listening, terminal.interruption);
    if (socket) await serveConnection({ from: socket, to: socket }, open, terminal.interruption);
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

/** Finds the recording, or makes one of the program. */
async function target(
  invocation: Invocation<typeof options>,
  say: (line: string) => void,
): Promise<readonly [Isochron, string]> {
  const { options: given, operands, terminal, open } = invocation;
  const [name] = operands as [string];
  const isFile = existsSync(resolve(terminal.workingDirectory, name));
  if (!name.includes('/')) {
    const isochron = await open();
    // What is neither is reported as a recording that is not there.
    if (!isFile || (await isochron.names()).includes(name)) return [isochron, name];
    await isochron.close();
  }
  const request = guestRequest(given, operands, terminal);
  const isochron = await open('none');
  const progress = new ProgressLine(terminal, `recording ${name}`);
  const result = await isochron
    .run({
      ...request,
      record: temporary,
      output: (_, bytes) => {
        progress.clear();
        terminal.write('stderr', bytes);
      },
      signal: terminal.interruption,
      onProgress: progress.show,
    })
    .catch((error: unknown) => {
      throw namingProgram(error, name);
    });
  progress.clear();
  say(`recorded ${grouped(result.icount)} instructions of ${name}: ${endReason(result.status)}`);
  return [isochron, temporary];
}

/** `HOST:PORT`, `[IPV6]:PORT`, `:PORT` (loopback), `PORT`, `stdio`. */
function parseListen(word: string): 'stdio' | { readonly host: string; readonly port: number } {
  if (word === 'stdio') return word;
  const found = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(word);
  const port = Number(found?.[3]);
  if (!found || port > 65_535)
    throw new UsageError(
      `${JSON.stringify(word)} is no place to listen at`,
      `give HOST:PORT, such as ${standard.host}:${standard.port}, or stdio`,
    );
  return { host: (found[1] ?? found[2]) || standard.host, port };
}

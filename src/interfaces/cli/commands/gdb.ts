import type { Edit } from '../../../domain/virtual-machine/edit.ts';
import { command } from '../command.ts';
import { debugOperands, debugTarget, listenOption } from '../debug-target.ts';
import { exitStatus } from '../exit-status.ts';
import { guestOptions } from '../guest-request.ts';
import { engineOption, storeOption } from '../shared-options.ts';

const standard = { host: '127.0.0.1', port: 1234 };

const options = {
  ...listenOption('GDB', standard),
  ...engineOption,
  ...guestOptions,
  ...storeOption,
} as const;

export const gdb = command({
  name: 'gdb',
  summary: 'let GDB debug a recording, forwards and backwards',
  operands: debugOperands,
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
    { command: 'isochron gdb first/what-if/5000', says: 'begin at an instant of a branch' },
    { command: 'isochron gdb --listen 127.0.0.1:0 ./program one two', says: 'record a program and debug it' },
  ],
  async run(invocation) {
    const { options: given, terminal } = invocation;
    const { listen = standard } = given;
    const say = (line: string) => terminal.write('stderr', `isochron: ${line}\n`);
    const { isochron, recording, icount } = await debugTarget(invocation, say);
    const { memorySize } = await isochron.show(recording);
    const { GdbSession } = await import('../../gdb/gdb-session.ts');
    const { acceptOne, serveConnection } = await import('../../gdb/serve.ts');
    const session = await isochron.travel({ recording, engine: given.engine });
    await session.seek(icount, terminal.interruption);
    const debugged = {
      session,
      memorySize,
      program: () => isochron.program(recording),
      fork: (edits: readonly Edit[], branch?: string) =>
        isochron.fork({ recording, at: session.icount, edits, branch, engine: given.engine }),
    };
    const open = (print: (text: string) => void) => new GdbSession(debugged, print);
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

import { command } from '../command.ts';
import { debugOperands, debugTarget, listenOption } from '../debug-target.ts';
import { exitStatus } from '../exit-status.ts';
import { guestOptions } from '../guest-request.ts';
import { engineOption, storeOption } from '../shared-options.ts';

const standard = { host: '127.0.0.1', port: 4711 };

const options = {
  ...listenOption('the client', standard, 'stdio'),
  ...engineOption,
  ...guestOptions,
  ...storeOption,
} as const;

export const dap = command({
  name: 'dap',
  summary: 'let editors debug a recording, forwards and backwards',
  operands: debugOperands,
  passThrough: true,
  options,
  description: [
    'Serves the Debug Adapter Protocol to one client, on standard input and output or on a socket: threads, call stacks, registers, disassembly, memory, instruction and data breakpoints with conditions, stepping over, into and out of functions, stepping back, reverse-continue, and going to any instant (goto: line N of the recording is instant N).',
    'A program is run first and recorded in memory; then the recording is debugged. Nothing in it can be changed: see `isochron fork` for that.',
    'It listens on the loopback interface unless --listen says otherwise: whoever connects sees all memory of the guest.',
  ],
  examples: [
    { command: 'isochron dap first', says: 'a debug adapter for an editor to start' },
    { command: 'isochron dap --listen :4711 first/what-if', says: 'wait for a client that connects' },
  ],
  async run(invocation) {
    const { options: given, terminal } = invocation;
    const { listen = 'stdio' } = given;
    const say = (line: string) => terminal.write('stderr', `isochron: ${line}\n`);
    const { isochron, recording, icount } = await debugTarget(invocation, say);
    const session = await isochron.travel({ recording, engine: given.engine });
    await session.seek(icount, terminal.interruption);
    const guest = { session, symbols: await isochron.symbols(recording) };
    const { serveClient } = await import('../../dap/serve.ts');
    if (listen === 'stdio') {
      await serveClient({ from: process.stdin, to: process.stdout }, guest, terminal.interruption);
      return exitStatus.success;
    }
    const listening = (address: string) => {
      say(`${recording} waits for a debugger at ${address}`);
    };
    const { acceptOne } = await import('../../gdb/serve.ts');
    const socket = await acceptOne(listen.host, listen.port, listening, terminal.interruption);
    if (socket) await serveClient({ from: socket, to: socket }, guest, terminal.interruption);
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

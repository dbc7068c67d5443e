import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { CountLine } from '../progress.ts';
import { jsonOption } from '../shared-options.ts';
import { grouped, plural } from '../tables.ts';

const store = { required: true, complete: 'directory' } as const;

export const storeCopy = command({
  name: 'store copy',
  summary: 'copy recordings from one store to another, verified',
  operands: [
    { ...store, name: 'FROM', summary: 'the store to read: a directory or a URL' },
    { ...store, name: 'TO', summary: 'the store to write: a directory or a URL' },
    {
      name: 'RECORDING',
      summary: 'the recordings to copy; all when none is named',
      required: false,
      repeated: true,
    },
  ],
  options: { ...jsonOption },
  description: [
    'Copies each RECORDING with every blob that it refers to, and reads it back from TO: each event is compared, each blob checked against its digest. FROM is left as it is.',
    'What TO has already is compared and not written again. A copy that was interrupted goes on where it was stopped when the command is given again, and a recording that has grown since is completed.',
    'With --json, one object a line for each recording.',
  ],
  examples: [
    {
      command: 'isochron store copy .isochron "esdb://localhost:2113?tls=false&blobs=/srv/blobs"',
      says: 'put every recording on a server',
    },
    {
      command: 'isochron store copy .isochron /mnt/archive first',
      says: 'copy one recording to a directory',
    },
  ],
  async run({ options, operands, terminal, open }) {
    const [from, to, ...named] = operands;
    const source = await open({ at: from! });
    const target = await open({ at: to! });
    for (const recording of named.length > 0 ? named : await source.names()) {
      const progress = new CountLine(terminal, `copying ${recording}`, 'events');
      const result = await target.copyFrom(source, {
        recording,
        signal: terminal.interruption,
        onProgress: ({ events, blobs }) => {
          progress.show(events, undefined, `, ${plural(blobs, 'blob')}`);
        },
      });
      progress.clear();
      if (options.json) terminal.write('stdout', toJson(result));
      else if (result.complete)
        terminal.write(
          'stdout',
          `${recording}: ${grouped(result.events)} events (${grouped(result.eventsCopied)} copied), ${plural(result.blobs, 'blob')} (${grouped(result.blobsCopied)} copied), verified\n`,
        );
      if (!result.complete) return exitStatus.interrupted;
    }
    return exitStatus.success;
  },
});

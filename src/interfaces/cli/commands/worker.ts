import type { ShardReport } from '../../../application/distribution/work-shards.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { count, flag } from '../option-values.ts';
import { jsonOption, storeOption } from '../shared-options.ts';
import { plural } from '../tables.ts';

export const worker = command({
  name: 'worker',
  summary: 'work on the shards that campaigns offer in a store',
  operands: [],
  options: {
    idle: count('SECONDS', 'stop when no shard came for so long', { fallback: 'go on until Ctrl-C' }),
    'retry-parked': flag('first hand out again the shards that failed too often'),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Takes shards of campaigns that were started with --distribute (isochron verify, isochron recordings verify), one at a time, and records what each gave. Start as many as there are cores, on as many machines as reach the store: the store hands each shard to one of them.',
    'A worker that is killed loses nothing: its shard is handed out again. Whoever works on it twice, its result counts once. A shard that fails again and again is parked; the command that started the campaign says why.',
    'Ctrl-C gives the shard at hand back and ends.',
    'With --json, one object a line for each shard, and one for the total.',
  ],
  examples: [
    {
      command: 'isochron worker --store "esdb://localhost:2113?tls=false&blobs=/srv/blobs"',
      says: 'work for a server until Ctrl-C',
    },
    { command: 'isochron worker --idle 10', says: 'do what is offered in this store, then stop' },
  ],
  async run({ options, terminal, open }) {
    const isochron = await open();
    const { recorded, known, failed, unparked } = await isochron.work({
      signal: terminal.interruption,
      idle: options.idle === undefined ? undefined : options.idle * 1000,
      unpark: options['retry-parked'],
      onShard: (report) => {
        terminal.write('stdout', options.json ? toJson(plain(report)) : line(report));
      },
    });
    const again = unparked > 0 ? `, ${plural(unparked, 'parked shard')} handed out again` : '';
    terminal.write(
      'stdout',
      options.json
        ? toJson({ recorded, known, failed, unparked })
        : `${plural(recorded, 'shard')} done, ${known} known already, ${failed} failed${again}\n`,
    );
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

const plain = ({ offer, outcome, reason }: ShardReport) => ({
  ...offer,
  outcome,
  ...(reason === undefined ? {} : { reason }),
});

const outcomes: Readonly<Record<ShardReport['outcome'], string>> = {
  recorded: 'done',
  known: 'known already',
  interrupted: 'given back',
  failed: 'failed',
};

const line = ({ offer: { kind, campaign, shard }, outcome, reason }: ShardReport): string =>
  `${kind} ${campaign}, shard ${shard}: ${outcomes[outcome]}${reason === undefined ? '' : `: ${reason}`}\n`;

import type { Isochron } from '../../../application/isochron.ts';
import { command } from '../command.ts';
import { divergenceText } from '../divergence-text.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { text } from '../option-values.ts';
import { parkedFailure } from '../parked-shards.ts';
import { CountLine, ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { endText } from '../status-text.ts';
import { grouped, plural } from '../tables.ts';
import type { Terminal } from '../terminal.ts';
import { isDamage, reportError } from '../error-line.ts';

export const verifyRecordings = command({
  name: 'recordings verify',
  summary: 'replay recordings and check every event, digest and reply',
  operands: [{ ...recordingOperand, required: false, repeated: true }],
  options: {
    distribute: text(
      'NAME',
      'leave the replays to the workers of the store, as campaign NAME, and wait for them',
    ),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Replays each RECORDING (all of them when none is named) without printing its output, and checks every stored digest and every question to the host against what is recorded. A recording that was cut off, because its process died, is checked up to its last durable event.',
  ],
  exitStatuses: [
    ['0', 'everything agrees'],
    ['1', 'a recording diverges or is damaged; the report says where'],
  ],
  examples: [{ command: 'isochron recordings verify', says: 'check every recording of the store' }],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    if (options.distribute !== undefined)
      return distributed(isochron, options.distribute, { ...options, operands }, terminal);
    const names = operands.length > 0 ? operands : await isochron.names();
    let bad = isochron.damage.length;
    for (const recording of names) {
      const progress = new ProgressLine(terminal, `verifying ${recording}`);
      try {
        const result = await isochron.replay({
          recording,
          engine: options.engine,
          verify: true,
          signal: terminal.interruption,
          onProgress: progress.show,
        });
        progress.clear();
        if (result.divergence) bad++;
        if (options.json) terminal.write('stdout', toJson(result));
        else if (result.divergence)
          terminal.write('stdout', `${recording}: diverges: ${divergenceText(result.divergence)}`);
        else
          terminal.write(
            'stdout',
            `${recording}: agrees: ${grouped(result.icount)} instructions, ${plural(result.digestsChecked, 'digest')}, ${grouped(result.repliesChecked)} host ${result.repliesChecked === 1 ? 'reply' : 'replies'}, ${endText(result.end)}\n`,
          );
      } catch (error) {
        progress.clear();
        if (!isDamage(error)) throw error;
        bad++;
        const line = (reportError(error).line ?? '').replace(/^isochron: /, '');
        terminal.write(
          'stdout',
          options.json ? toJson({ recording, damaged: line }) : `${recording}: damaged: ${line}\n`,
        );
      }
      if (terminal.interruption.aborted) return exitStatus.interrupted;
    }
    return bad > 0 ? exitStatus.different : exitStatus.success;
  },
});

/** Each recording's verdict as workers found it. */
async function distributed(
  isochron: Isochron,
  campaign: string,
  { operands, engine, json }: { operands: readonly string[]; engine: string | undefined; json: boolean },
  terminal: Terminal,
): Promise<number> {
  const progress = new CountLine(terminal, 'waiting for workers', 'recordings');
  const { replayed, parked } = await isochron.replayCampaign({
    campaign,
    recordings: operands.length > 0 ? operands : undefined,
    engine,
    signal: terminal.interruption,
    onProgress: progress.show,
  });
  progress.clear();
  for (const one of replayed) {
    const { recording, outcome, icount, digests, summary } = one;
    const found =
      outcome === 'agrees' ? `${grouped(icount)} instructions, ${plural(digests, 'digest')}` : summary;
    terminal.write('stdout', json ? toJson(one) : `${recording}: ${outcome}: ${found}\n`);
  }
  if (terminal.interruption.aborted) return exitStatus.interrupted;
  if (parked.length > 0) throw parkedFailure(campaign, parked);
  return replayed.every(({ outcome }) => outcome === 'agrees') ? exitStatus.success : exitStatus.different;
}

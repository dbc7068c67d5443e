/** Records `PROGRAM ARGUMENT` in the store DIRECTORY with checkpoints at least INTERVAL apart; prints how many there are. */
import { readFileSync } from 'node:fs';
import { onceLong, openIsochron } from '../../../src/composition-root.ts';
import { optimise } from '../../../src/interfaces/cli/compiler-patience.ts';

const [directory, interval, program, argument] = process.argv.slice(2) as [string, string, string, string];
const checkpointInterval = Number(interval);
// As the command line has V8.
onceLong(optimise);
const isochron = await openIsochron({
  directory,
  checkpointInterval,
  digestInterval: Math.max(1, checkpointInterval / 4),
});
await isochron.run({
  program: readFileSync(program),
  programPath: '/bin/guest',
  arguments: [argument],
  record: 'it',
});
const { eventsByType } = await isochron.show('it');
console.log(eventsByType['CheckpointTaken'] ?? 0);
await isochron.close();

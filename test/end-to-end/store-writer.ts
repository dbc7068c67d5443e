// Appends blobs and events that refer to them, in a loop, and says on standard output what was acknowledged: one line for
// each, written only when the store's promise has resolved. Ended by SIGKILL. Argument: the directory.
import { randomBytes, randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openRecordingStore } from '../../src/infrastructure/event-store/open-recording-store.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: store-writer.ts DIRECTORY');
const { events, blobs } = await openRecordingStore(directory);
writeSync(1, 'open\n');
const stream = `machine-${randomUUID()}`;

const appendOne = async (index: number): Promise<void> => {
  const contents = Array.from({ length: 1 + (index % 5) }, () => randomBytes(100 + ((index * 997) % 20_000)));
  const digests = await blobs.putMany(contents);
  const data = { index, digests, text: 'x'.repeat((index * 131) % 3000) };
  const result = await events.append(stream, 'any', [{ id: randomUUID(), type: 'T', version: 1, data }]);
  if (!result.ok) throw new Error('refused');
  writeSync(1, `${stream} ${String(result.value.revision)} ${String(index)}\n`);
};

for (let index = 0; ; index += 4) await Promise.all([0, 1, 2, 3].map((more) => appendOne(index + more)));

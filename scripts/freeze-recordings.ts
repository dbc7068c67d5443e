/**
 * Makes the recordings that later versions have to replay, in test/fixtures/recordings/SET:
 *
 *     npm run freeze-recordings -- SET
 *
 * A set is never made again: when an event changes, freeze another one (see CONTRIBUTING.md). Each recording is an archive;
 * expected.json says what replaying it gives.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openIsochron } from '../src/composition-root.ts';
import { FileRecordingArchive } from '../src/infrastructure/event-store/recording-archive.ts';
import { writeGuest } from '../test/end-to-end/assembled-guest.ts';
import { frozenGuests } from '../test/end-to-end/frozen-guests.ts';

const set = process.argv[2] ?? '';
const folder = fileURLToPath(new URL(`../test/fixtures/recordings/${set}`, import.meta.url));
if (!/^[a-z0-9.-]+$/.test(set) || existsSync(folder)) {
  console.error(
    set === '' ? 'give a set its name, such as 0.1' : `${set} cannot be made: it exists, or is no name`,
  );
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'isochron-freeze-'));
const data = join(work, 'data');
mkdirSync(data);
mkdirSync(folder, { recursive: true });
writeFileSync(join(data, 'story'), 'What the host said is in the recording.\n'.repeat(60));
const isochron = await openIsochron({ directory: join(work, 'store') });
const recordings: Record<string, unknown> = {};
for (const { name, ...guest } of frozenGuests) {
  const file =
    guest.program === undefined
      ? writeGuest(join(work, name), guest.source ?? '')
      : fileURLToPath(new URL(`../test/guests/bin/${guest.program}`, import.meta.url));
  await isochron.run({
    program: readFileSync(file),
    programPath: `/bin/${name}`,
    arguments: guest.arguments,
    stdin: guest.stdin === undefined ? 'closed' : Buffer.from(guest.stdin),
    mounts: guest.mounted === true ? [{ host: data, guest: '/data', readOnly: true }] : [],
    maxInstructions: guest.maxInstructions,
    record: name,
  });
  if (guest.cutOff === true) await cutOff(name);
  const branches: Record<string, unknown> = {};
  for (const { from, branch, at, edits } of guest.forks ?? []) {
    const made = await isochron.fork({ recording: from, branch, at, edits });
    branches[branch] = await outcomeOf(made.recording);
  }
  recordings[name] = { ...(await outcomeOf(name)), ...(guest.forks && { branches }) };
  await isochron.exportTo(name, join(folder, `${name}.isochron`));
}
const campaign = { subjects: ['sh1add', 'fadd.s'], cases: 40, shardSize: 40, campaign: 'frozen' };
const verification = isochron.verification.verify({ ...campaign, distribute: true });
const replays = isochron.replayCampaign({ campaign: 'frozen', recordings: ['hello', 'killed'] });
await isochron.work({ signal: new AbortController().signal, idle: 1500 });
await replays;
const { state } = await verification;
const verified = { status: state.status, cases: state.cases, shards: state.verified.size };
const expected = { recordings, campaign: verified };
const streams = ['campaign-frozen', 'replay-frozen', 'work', 'group-workers-work'];
await new FileRecordingArchive().write(
  join(folder, 'campaigns.isochron'),
  { streams, blobs: [] },
  isochron.stores,
);
writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
await isochron.close();
rmSync(work, { recursive: true });

/** What replaying it gives. */
async function outcomeOf(recording: string): Promise<object> {
  const output = createHash('sha256');
  const { icount, end, chain, divergence, complete } = await isochron.replay({
    recording,
    output: (_, bytes) => output.update(bytes),
  });
  if (divergence !== undefined || !complete) throw new Error(`${recording} does not replay`);
  const { eventsByType } = await isochron.show(recording);
  return { icount, end, chain, output: output.digest('hex'), eventsByType };
}

/** Leaves a recording as a process does that dies before its last event. */
async function cutOff(name: string): Promise<void> {
  const stream = `machine-${name}`;
  const { events } = isochron.stores;
  const kept = [];
  for await (const { id, type, version, data: content } of events.read(stream))
    kept.push({ id, type, version, data: content });
  await events.delete(stream);
  await events.append(stream, 'none', kept.slice(0, -1));
}

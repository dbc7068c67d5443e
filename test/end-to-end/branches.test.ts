import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit } from '../../src/domain/virtual-machine/edit.ts';
import { type Isochron, openIsochron, type StoredEvent, type TravelSession } from '../../src/library.ts';
import { copyingInput, copyingStory, readingSome, writeGuest } from './assembled-guest.ts';
import { frozenGuests } from './frozen-guests.ts';

/** Branches of recordings: they replay, they can be travelled and forked in turn, and they depend on nothing outside. */

const guest = (name: string) => readFileSync(new URL(`../guests/bin/${name}`, import.meta.url));
const sourceOf = (name: string) => frozenGuests.find((frozen) => frozen.name === name)!.source!;
const text = 'Sixteen bytes at a time, and then the end.\n';

let folder = '';
let isochron: Isochron;

async function record(name: string, program: Uint8Array, stdin = '', mounted = false): Promise<void> {
  const data = { host: join(folder, 'data'), guest: '/data', readOnly: false };
  await isochron.run({
    program,
    programPath: `/bin/${name}`,
    record: name,
    stdin: Buffer.from(stdin),
    mounts: mounted ? [data] : [],
  });
}

const assembled = (name: string, source: string) => readFileSync(writeGuest(join(folder, name), source));

async function outputOf(recording: string): Promise<string> {
  const bytes: Uint8Array[] = [];
  const { divergence } = await isochron.replay({ recording, output: (_, part) => bytes.push(part.slice()) });
  expect(divergence).toBeUndefined();
  return Buffer.concat(bytes).toString();
}

const eventsOf = async (recording: string): Promise<readonly StoredEvent[]> => {
  const found: StoredEvent[] = [];
  await isochron.events({ recording }).forEach((event) => found.push(event));
  return found;
};

const fork = (recording: string, at: number, edits: readonly Edit[], branch?: string) =>
  isochron.fork({ recording, at, edits, branch });

const stdinAt = (offset: number, bytes: string): Edit => ({ kind: 'stdin', offset, bytes });
const register = (name: string, value: string, thread = 100): Edit => ({
  kind: 'register',
  thread,
  register: name,
  value,
});

const picture = (session: TravelSession) => ({
  icount: session.icount,
  digest: session.digest(),
  registers: session.threads().map(({ id }) => [id, [...session.registers(id)!]]),
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isochron-branches-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'story'), 'What the host said is in the recording.\n');
  isochron = await openIsochron({ digestInterval: 2 ** 12, checkpointInterval: 2 ** 14 });
  await record('copy', assembled('copy', copyingInput), text);
  await record('some', assembled('some', readingSome), text);
  await record('story', assembled('story', sourceOf('files')), '', true);
  await record('portions', assembled('portions', copyingStory), '', true);
  await record('compute', guest('compute'));
  await record('threads', guest('threads'));
});
afterAll(async () => {
  await isochron.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a branch', () => {
  test.each(['wasm', 'golden'])('replays bit for bit on %s what its edit made of the run', async (engine) => {
    const made = await fork('copy', 0, [stdinAt(3, '58')]);
    expect(made).toMatchObject({ parent: 'copy', at: 0, end: { kind: 'exited', code: 0 }, unused: [] });
    expect(await outputOf(made.recording)).toBe(text.replace('Sixt', 'SixX'));
    const replay = await isochron.replay({ recording: made.recording, engine, verify: true });
    expect(replay).toMatchObject({ divergence: undefined, complete: true, chain: made.chain });
  });

  test('copies nothing of its parent, and depends on nothing but its edits', async () => {
    const first = await fork('compute', 30_000, [register('x10', '0x1')], 'once');
    const second = await fork('compute', 30_000, [register('x10', '0x1')], 'again');
    expect(second.chain).toBe(first.chain);
    const plain = (events: readonly StoredEvent[]) => events.map(({ type, data }) => ({ type, data }));
    const events = await eventsOf('compute/once');
    expect(plain(await eventsOf('compute/again'))).toEqual(plain(events));
    expect(events[0]).toMatchObject({ type: 'MachineForked', data: { parent: 'main', icount: 30_000 } });
    expect(events.filter(({ type }) => type === 'MachineCreated')).toEqual([]);
    const shown = await isochron.show('compute/once');
    expect(shown.events).toBe(events[0]!.revision + events.length);
    expect(shown.checkpoints.some((icount) => icount > 30_000)).toBe(true);
  });

  test('without edits is its parent again', async () => {
    for (const at of [1, 16_384, 40_000]) {
      const made = await fork('threads', at, []);
      const { end, icount } = await isochron.show('threads');
      expect(made).toMatchObject({ end, icount });
      expect(await outputOf(made.recording)).toBe(await outputOf('threads'));
    }
  });

  test('of a branch is numbered on from it, and replays', async () => {
    await fork('copy', 0, [stdinAt(0, '61')], 'lower');
    await fork('copy/lower', 20, [stdinAt(33, '21')], 'marked');
    expect(await outputOf('copy/marked')).toBe(`s${text.slice(1, 33)}!${text.slice(34)}`.replace('s', 'a'));
    const revisions = (await eventsOf('copy/marked')).map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.map((_, index) => revisions[0]! + index));
    expect(await isochron.branches('copy')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ branch: 'main', parent: undefined }),
        expect.objectContaining({ branch: 'lower', parent: 'main', forkedAt: 0 }),
        expect.objectContaining({ branch: 'marked', parent: 'lower', forkedAt: 20 }),
      ]),
    );
  });

  test.each(['wasm', 'golden'])(
    'is seen on %s, wherever a cursor goes, as a straight run sees it',
    async (engine) => {
      const recording = `threads/walked-${engine}`;
      await fork('threads', 20_000, [register('x11', '0x77')], `walked-${engine}`);
      const session = await isochron.travel({ recording, engine });
      const straight = await isochron.travel({ recording, engine, memoryBudget: 0 });
      const parent = await isochron.travel({ recording: 'threads', engine });
      const visited: ReturnType<typeof picture>[] = [];
      for (const icount of [20_001, 19_999, 20_000, 25_000, 3, 20_000, 40_000, 20_000, 19_000, 30_001]) {
        await session.seek(icount);
        visited.push(picture(session));
      }
      await session.seek(20_100);
      await session.reverseStep(100);
      visited.push(picture(session));
      for (const expected of visited.sort((a, b) => a.icount - b.icount)) {
        await straight.seek(expected.icount);
        expect(picture(straight)).toEqual(expected);
        await parent.seek(expected.icount);
        expect(picture(parent).digest === expected.digest).toBe(expected.icount < 20_000);
      }
      const inspected = await isochron.inspect({ recording, at: 20_000, engine });
      expect(inspected.digest).toBe(visited.find(({ icount }) => icount === 20_000)!.digest);
    },
  );
});

describe('edits', () => {
  test('of memory are made where the fork is', async () => {
    const session = await isochron.travel({ recording: 'copy' });
    await session.seek(6);
    const address = session.registers()!.get('x11')!;
    const edit: Edit = { kind: 'memory', thread: 100, address: `0x${address.toString(16)}`, bytes: '4e49' };
    const { recording } = await fork('copy', 6, [edit]);
    expect(await outputOf(recording)).toBe(`NI${text.slice(2)}`);
  });

  test('of a reply change what the guest is told', async () => {
    const replies = (await eventsOf('copy')).filter(({ type }) => type === 'HostReplied');
    const { revision } = replies[2]!;
    const { recording } = await fork('copy', 0, [{ kind: 'reply', revision, offset: 1, bytes: '2a' }]);
    expect(await outputOf(recording)).toBe(`${text.slice(0, 17)}*${text.slice(18)}`);
    const failed = await fork('copy', 0, [{ kind: 'failure', revision, error: 'EIO' }]);
    expect(failed.end).toEqual({ kind: 'exited', code: 1 });
  });

  test('of a file change what is read of it', async () => {
    const edit = (path: string): Edit => ({ kind: 'file', path, offset: 0, bytes: '5468' });
    const made = await fork('story', 0, [edit('/data/story')]);
    expect(await outputOf(made.recording)).toBe('That the host said is in the recording.\n');
    expect((await fork('story', 0, [edit('/data/other')])).unused).toEqual([edit('/data/other')]);
    await expect(fork('story', 0, [edit('/tmp/story')])).rejects.toThrow(/lies below no mounted directory/);
  });

  test('that the guest never came to see are named', async () => {
    expect((await fork('copy', 0, [register('x2', '0x0'), stdinAt(40, '21')])).unused).toEqual([
      stdinAt(40, '21'),
    ]);
  });

  test.each<[string, number, Edit, RegExp]>([
    ['a register that is not there', 3, register('x99', '0x1'), /no register x99/],
    [
      'a thread that is not there',
      3,
      register('x1', '0x1', 7),
      /no thread 7 at instruction 3; there are: 100/,
    ],
    ['an odd pc', 3, register('pc', '0x3'), /multiples of 2/],
    ['too wide a mode', 3, register('frm', '0x8'), /does not fit frm, which has 3 bits/],
    [
      'memory that is not mapped',
      3,
      { kind: 'memory', thread: 100, address: '0x0', bytes: '00' },
      /nothing is mapped at 0x0/,
    ],
    ['input that was read', 20, stdinAt(3, '58'), /was read before this instant/],
    ['input that nobody read', 0, stdinAt(43, '58'), /read 43 bytes of standard input/],
    [
      'a reply of the past',
      20,
      { kind: 'reply', revision: 2, offset: 0, bytes: '00' },
      /event 2 is no reply that the guest gets after/,
    ],
    [
      'more bytes than replied',
      0,
      { kind: 'reply', revision: 2, offset: 15, bytes: '0000' },
      /holds 16 bytes/,
    ],
    ['a number that is none', 0, { kind: 'result', revision: 2, value: 3 }, /holds no number/],
  ])('of %s are refused, and nothing is kept', async (_, at, edit, says) => {
    await expect(isochron.fork({ recording: 'copy', at, edits: [edit], branch: 'refused' })).rejects.toThrow(
      says,
    );
    expect((await isochron.branches('copy')).map(({ branch }) => branch)).not.toContain('refused');
  });
});

describe('a question', () => {
  test('that the parent does not answer ends the branch there, and it replays up to there', async () => {
    const made = await fork('some', 1, [register('x9', '0x3')], 'more');
    expect(made).toMatchObject({ end: { kind: 'exited', code: 'S'.charCodeAt(0) } });
    const twice = await fork('some', 6, [register('pc', '0x1007c')], 'twice');
    expect(twice).toMatchObject({ end: { kind: 'unanswered', call: 'readStdin' }, digest: undefined });
    const replay = await isochron.replay({ recording: 'some/twice', verify: true });
    expect(replay).toMatchObject({ divergence: undefined, complete: true, end: twice.end });
    const session = await isochron.travel({ recording: 'some/twice' });
    await session.seek(session.last);
    expect(session.last).toBe(twice.icount - 1);
    await expect(fork('some/twice', session.last + 1, [])).rejects.toMatchObject({
      code: 'instant-out-of-range',
    });
  });
});

describe('a mounted file', () => {
  const story = 'What the host said is in the recording.\n';

  test.each(['0x7', '0x1', '0x64'])('is read in portions of %s bytes by a branch', async (length) => {
    const made = await fork('portions', 2, [register('x18', length)], `by-${length}`);
    expect(made).toMatchObject({ end: { kind: 'exited', code: 0 }, unanswered: undefined });
    expect(await outputOf(made.recording)).toBe(story);
    const replay = await isochron.replay({ recording: made.recording, verify: true });
    expect(replay).toMatchObject({ divergence: undefined, complete: true, chain: made.chain });
    const edit: Edit = { kind: 'file', path: '/data/story', offset: 5, bytes: '2a2a2a' };
    const edited = await fork('portions', 2, [register('x18', length), edit], `edited-${length}`);
    expect(await outputOf(edited.recording)).toBe(story.replace('the', '***'));
  });

  test('is not read further than the parent read it', async () => {
    const once = await fork('portions', 2, [register('x19', '0x1')], 'once');
    expect(await outputOf(once.recording)).toBe(story.slice(0, 16));
    const short = await fork('portions/once', 2, [register('x18', '0x11')], 'short');
    expect(short).toMatchObject({
      end: { kind: 'unanswered', call: 'read' },
      unanswered: '17 bytes at 0 of story in a mounted directory, not all of which the parent read',
    });
    const within = await fork('portions/once', 2, [register('x18', '0x5'), register('x19', '0x3')], 'within');
    expect(await outputOf(within.recording)).toBe(story.slice(0, 15));
  });
});

describe('what there is of a recording', () => {
  test('goes with its branches into a file and another store, and is deleted with them', async () => {
    await record('kept', assembled('kept', copyingInput), text);
    await fork('kept', 0, [stdinAt(0, '61')], 'a');
    await fork('kept/a', 10, [stdinAt(20, '62')], 'b');
    const file = join(folder, 'kept.isochron');
    await isochron.exportTo('kept', file);
    await expect(isochron.exportTo('kept/a', `${file}.2`)).rejects.toThrow(/nothing without its parent/);
    const other = await openIsochron();
    expect(await other.importFrom(file, 'taken')).toBe('taken');
    expect((await other.replay({ recording: 'taken/b' })).chain).toBe((await isochron.show('kept/b')).chain);
    const copied = await other.copyFrom(isochron, { recording: 'kept' });
    expect(copied).toMatchObject({ complete: true });
    expect(await other.copyFrom(isochron, { recording: 'kept' })).toMatchObject({ eventsCopied: 0 });
    expect((await other.show('kept/b')).chain).toBe((await isochron.show('kept/b')).chain);
    await other.close();
    await expect(isochron.delete('kept/a')).rejects.toThrow(/b of kept depart from a: delete them first/);
    await isochron.delete('kept/b');
    expect((await isochron.branches('kept')).map(({ branch }) => branch)).toEqual(['main', 'a']);
    expect(await isochron.names()).toContain('kept');
    await isochron.delete('kept');
    await expect(isochron.show('kept/a')).rejects.toMatchObject({ code: 'unknown-recording' });
    expect(await outputOf('copy')).toBe(text);
  });

  test('has each branch once', async () => {
    await fork('some', 0, [], 'only');
    await expect(fork('some', 0, [], 'only')).rejects.toMatchObject({ code: 'recording-exists' });
    await expect(fork('some', 0, [], 'main')).rejects.toMatchObject({ code: 'recording-exists' });
    await expect(fork('some', 0, [], 'no/name')).rejects.toMatchObject({ code: 'invalid-recording-name' });
    await expect(fork('some', 0, [], '-')).rejects.toMatchObject({ code: 'invalid-recording-name' });
  });
});

/**
 * How long it takes to get about in a recording of 10^9 instructions: percentiles of seeks, steps back, opening, and searches
 * backwards, and what they are to a plain replay in the same run. `npm run bench:travel [-- --write]`: with --write, into
 * docs/reference/benchmarks/travel.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { openIsochron, type TravelSession } from '../src/library.ts';
import { type IndexCost, indexCost } from './bench/index-cost.ts';
import { travelGuest } from './bench/travel-guest.ts';
import { percentile } from './bench/statistics.ts';

const page = fileURLToPath(new URL('../docs/reference/benchmarks/travel.md', import.meta.url));
const [recording, shorter] = ['travelled', 'travelled-shorter'];
const seeks = 200;
const steps = 200;
const openings = 5;
const indexings = 5;
const searches = 5;
/** Words of memory after the variable, of which the guest writes most. */
const dataWords = 2 ** 18;
/** Instructions between the cursor and what is searched for. */
const far = 1e8;

/** Numbers in [0, 1) that look random and are the same every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Milliseconds, and those of them that this process's threads computed: on a shared machine the rest is waiting. */
interface Took {
  readonly wall: number;
  readonly cpu: number;
}

async function timed(action: () => Promise<unknown>): Promise<Took> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await action();
  const { user, system } = process.cpuUsage(used);
  return { wall: performance.now() - began, cpu: (user + system) / 1000 };
}

async function timesOf(count: number, action: (index: number) => Promise<Took>): Promise<Took[]> {
  const times: Took[] = [];
  for (let index = 0; index < count; index++) times.push(await action(index));
  return times;
}

interface Row {
  readonly what: string;
  readonly times: readonly Took[];
}

interface Measured {
  readonly rows: readonly Row[];
  /** Of a plain replay of 10^8 instructions. */
  readonly replay: Took;
  readonly instructions: number;
  /** Making the index and replaying all plainly, and what the index holds. */
  readonly index: {
    readonly indexing: Took;
    readonly replayAll: Took;
    readonly bytes: number;
    readonly states: number;
    /** The same in processes of their own, for a recording of 10^8 instructions and for all. */
    readonly costs: readonly IndexCost[];
  };
}

async function measure(directory: string): Promise<Measured> {
  const { program, rare } = travelGuest();
  const recorder = await openIsochron({ directory });
  await recorder.run({ program, programPath: '/bin/travelled', record: recording });
  await recorder.run({ program, programPath: '/bin/travelled', record: shorter, maxInstructions: far });
  await recorder.close();
  const costs: IndexCost[] = [];
  for (const name of [shorter, recording]) costs.push(await indexCost(directory, name, indexings));
  const dropping = await openIsochron({ directory });
  await dropping.dropIndex(recording);
  await dropping.close();

  const open = await timesOf(openings, async () => {
    let isochron;
    const took = await timed(async () => {
      isochron = await openIsochron({ directory });
      const session = await isochron.travel({ recording });
      await session.seek(Math.floor(session.last / 2));
      session.registers();
    });
    await isochron!.close();
    return took;
  });

  const isochron = await openIsochron({ directory });
  const session = await isochron.travel({ recording });
  // What is open already does without the index.
  const replayAll = await timed(() => isochron.replay({ recording, verify: false }));
  let index = await isochron.index({ recording });
  await isochron.dropIndex(recording);
  // The replay's code was made before as well.
  const indexing = await timed(async () => (index = await isochron.index({ recording })));
  const random = numbers(5);
  const anywhere = () => Math.floor(random.next().value * session.last);
  const seek = await timesOf(seeks, () => timed(() => session.seek(anywhere())));
  const back: Took[] = [];
  for (let place = 0; place < 10; place++) {
    await session.seek(Math.max(2 ** 20, anywhere()));
    await session.reverseStep();
    back.push(...(await timesOf(steps / 10, () => timed(() => session.reverseStep()))));
  }
  const write = { memory: [{ access: 'write', address: rare, length: 8 }] } as const;
  const watched = await timesOf(searches, () => searchBack(session, write));
  const broken = await timesOf(searches, () => searchBack(session, { breakpoints: [travelGuest().rarely] }));
  const indexed = await isochron.travel({ recording });
  const data = rare + 8n;
  const lookedFor = () =>
    ({
      access: 'write',
      address: data + 8n * BigInt(Math.floor(random.next().value * dataWords)),
      length: 8,
    }) as const;
  const begin = indexed.last - far;
  const wrote = await timesOf(seeks, () => {
    const before = begin + Math.floor(random.next().value * far);
    return timed(() => indexed.previous({ memory: [lookedFor()], before, limit: before - begin }));
  });
  const watchedByIndex = await timesOf(searches, () => searchBack(indexed, write));
  const brokenByIndex = await timesOf(searches, () =>
    searchBack(indexed, { breakpoints: [travelGuest().rarely] }),
  );
  await session.seek(session.last - far);
  const replay = await timed(() => session.next({ limit: far }));
  const instructions = session.last;
  await isochron.close();
  return {
    rows: [
      { what: 'open to first answer', times: open },
      { what: 'seek, random', times: seek },
      { what: 'reverse-step', times: back },
      { what: 'reverse-continue to a watchpoint, 10^8 back', times: watched },
      { what: 'reverse-continue to a breakpoint, 10^8 back', times: broken },
      { what: 'with the index: who wrote 8 bytes, in the last 10^8', times: wrote },
      { what: 'with the index: to the watchpoint, 10^8 back', times: watchedByIndex },
      { what: 'with the index: to the breakpoint, 10^8 back', times: brokenByIndex },
    ],
    replay,
    instructions,
    index: { indexing, replayAll, bytes: index.bytes, states: index.states, costs },
  };
}

/** From 10^8 instructions after the one time that something happens. */
async function searchBack(
  session: TravelSession,
  search: Parameters<TravelSession['previous']>[0],
): Promise<Took> {
  await session.seek(0);
  const there = await session.next(search);
  if (!there) throw new Error('the guest does not do what is searched for');
  await session.seek(there.icount + far);
  return timed(async () => {
    const found = await session.previous(search);
    if (found?.icount !== there.icount) throw new Error('the search found something else');
  });
}

function report({ rows, replay, instructions, index }: Measured): string {
  const cell = (value: number) => value.toFixed(value < 10 ? 2 : 0);
  const lines = rows.map(({ what, times }) => {
    const [wall, cpu] = [times.map((took) => took.wall), times.map((took) => took.cpu)];
    const walls = [percentile(wall, 50), percentile(wall, 95), Math.min(...wall), Math.max(...wall)];
    const cpus = [percentile(cpu, 50), percentile(cpu, 95)];
    const share = (cpus[0]! / replay.cpu).toPrecision(2);
    return `| ${what} | ${times.length} | ${[...walls, ...cpus].map(cell).join(' | ')} | ${share} |`;
  });
  const costs = index.costs.map((cost) => {
    const { median, least, most } = cost.ratio;
    const count = cost.instructions.toLocaleString('en-US');
    const ratios = [median, least, most].map((value) => value.toPrecision(2)).join(' | ');
    return `| ${count} instructions | processes of their own | ${cost.pairs} | ${ratios} |`;
  });
  return `# Travel benchmark

Made by \`npm run bench:travel -- --write\`: milliseconds in a recording of ${instructions.toLocaleString('en-US')} instructions in a store on
disk, by the clock and of processor time. The last column is the median processor time's share of that of replaying 10^8 instructions
plainly, which took ${cell(replay.wall)} ms by the clock and ${cell(replay.cpu)} ms of processor time in the same run.

| what | times | p50 | p95 | least | most | CPU p50 | CPU p95 | CPU ÷ replay |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

Making the index, next to replaying the whole recording plainly; processor time, the replay's being 1:

| recording | in | times | median | least | most |
| --- | --- | --- | --- | --- | --- |
${costs.join('\n')}
| ${instructions.toLocaleString('en-US')} instructions | a process that did both before | 1 | ${(index.indexing.cpu / index.replayAll.cpu).toPrecision(2)} | | |

Its effects take ${(index.bytes / instructions).toPrecision(2)} bytes an instruction before compression; it has ${index.states} states to start from.

Processor: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, shared with other work. Node ${process.versions.node}.
`;
}

const directory = mkdtempSync(join(tmpdir(), 'isochron-bench-travel-'));
try {
  const text = report(await measure(directory));
  process.stdout.write(text);
  if (process.argv.includes('--write'))
    writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

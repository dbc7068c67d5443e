import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Isochron, openIsochron } from '../../src/library.ts';
import { guest } from './recording-terminal.ts';

/** Traces for Perfetto: the Trace Event Format, and what it says of a recording. */

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly s?: string;
  readonly args?: Record<string, unknown>;
}

const guests = ['tally', 'signals', 'processes', 'system', 'threads'];
let isochron: Isochron;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isochron-timeline-'));
  isochron = await openIsochron();
  for (const name of guests)
    await isochron.run({
      program: readFileSync(guest(name)),
      programPath: `/bin/${name}`,
      record: name,
      stdin: Buffer.from('3\n14\n15\n'),
      maxInstructions: 30_000,
    });
});
afterAll(async () => {
  await isochron.close();
  rmSync(folder, { recursive: true, force: true });
});

async function traced(
  recording: string,
  range: { from?: number; to?: number } = {},
): Promise<readonly TraceEvent[]> {
  const file = join(folder, `${readdirSync(folder).length}.json`);
  const { rows } = await isochron.exportTimeline({ recording, file, ...range });
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: TraceEvent[] };
  expect(traceEvents).toHaveLength(rows);
  return traceEvents;
}

/** What the format demands of each kind of event (“Trace Event Format”, Google): complete, instant, counter, metadata. */
const schema: Readonly<Record<string, (event: TraceEvent) => boolean>> = {
  X: ({ ts, dur, pid, tid, cat }) => [ts, dur, pid, tid].every(Number.isSafeInteger) && dur! > 0 && !!cat,
  i: ({ ts, pid, tid, s }) => [ts, pid, tid].every(Number.isSafeInteger) && s === 't',
  C: ({ ts, args }) =>
    Number.isSafeInteger(ts) && Object.values(args!).every((value) => typeof value === 'number'),
  M: ({ name, args }) => ['process_name', 'thread_name'].includes(name) && typeof args!['name'] === 'string',
};

const spansOf = (events: readonly TraceEvent[], category: string) =>
  events.filter(({ ph, cat }) => ph === 'X' && cat === category).sort((a, b) => a.ts! - b.ts!);

describe('a trace', () => {
  test.each(guests)('of %s is one, whose spans lie within one another', async (recording) => {
    const { icount } = await isochron.show(recording);
    for (const range of [{}, { from: Math.floor(icount / 3), to: Math.floor(icount / 2) }]) {
      const events = await traced(recording, range);
      for (const event of events)
        expect({ event, valid: schema[event.ph]?.(event) }).toEqual({ event, valid: true });
      const tracks = Map.groupBy(
        events.filter(({ ph }) => ph === 'X'),
        ({ pid, tid }) => `${pid} ${tid}`,
      );
      for (const spans of tracks.values()) {
        const open: number[] = [];
        for (const { ts, dur, name } of spans.sort((a, b) => a.ts! - b.ts! || b.dur! - a.dur!)) {
          while (open.length > 0 && open.at(-1)! <= ts!) open.pop();
          if (open.length > 0 && ts! + dur! > open.at(-1)!)
            expect({ name, ts, dur, within: open.at(-1) }).toBeNull();
          open.push(ts! + dur!);
        }
      }
      const turns = spansOf(events, 'turn');
      expect(turns[0]!.ts).toBe(range.from ?? 0);
      turns.slice(1).forEach(({ ts }, at) => expect(ts).toBe(turns[at]!.ts! + turns[at]!.dur!));
      expect(turns.at(-1)!.ts! + turns.at(-1)!.dur!).toBe(range.to ?? icount);
    }
  });

  test('has calls as travel steps over them', async () => {
    const functions = spansOf(await traced('tally'), 'function');
    expect(new Set(functions.map(({ name }) => name))).toEqual(new Set(['add', 'number', 'text']));
    const session = await isochron.travel({ recording: 'tally' });
    for (const { ts, dur } of functions) {
      await session.seek(ts! - 1);
      expect(await session.stepOver()).toBe(true);
      expect(session.icount).toBe(ts! + dur!);
    }
  });

  test('has functions that were entered before its range', async () => {
    const all = spansOf(await traced('tally'), 'function');
    const outer = all.find((span) => span.dur! > 10)!;
    const from = outer.ts! + 5;
    const later = spansOf(await traced('tally', { from }), 'function');
    expect(later).toContainEqual({ ...outer, ts: from, dur: outer.ts! + outer.dur! - from });
  });

  test('has system calls with results, waits, signals and handlers', async () => {
    const system = await traced('system');
    const wait = spansOf(system, 'system call').find(({ name }) => name === 'wait4')!;
    expect(wait).toMatchObject({ tid: 100, args: { a0: '0x65', result: '101' } });
    const child = spansOf(system, 'system call').filter(({ tid }) => tid === 101);
    expect(child.map(({ name }) => name)).toContain('execve');
    for (const { ts } of child) expect(ts! > wait.ts! && ts! < wait.ts! + wait.dur!).toBe(true);
    const signals = await traced('signals');
    const delivered = signals.filter(({ ph }) => ph === 'i');
    const handlers = spansOf(signals, 'signal handler');
    expect(handlers.length).toBeGreaterThan(3);
    const at = delivered.map(({ name, ts }) => `${name} handler ${ts}`);
    for (const { name, ts } of handlers) expect(at).toContain(`${name} ${ts}`);
    const names = system.filter(({ name }) => name === 'process_name').map(({ pid }) => pid);
    expect(names).toEqual(expect.arrayContaining([0, 100, 101]));
    const counted = system.filter(({ ph, name }) => ph === 'C' && name === 'system calls');
    expect(counted.at(-1)!.args).toEqual({ calls: spansOf(system, 'system call').length });
  });

  test('is not there when its making was stopped', async () => {
    const stopped = new AbortController();
    const request = {
      recording: 'threads',
      file: join(folder, 'half.json'),
      onProgress: () => stopped.abort(),
    };
    await expect(isochron.exportTimeline({ ...request, signal: stopped.signal })).rejects.toThrow(/abort/);
    expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
  });
});

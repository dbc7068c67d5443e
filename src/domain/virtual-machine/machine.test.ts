import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { fold } from '../shared/decider.ts';
import { asDigest, type Digest } from '../shared/digest.ts';
import type { MachineCreatedData, MachineEvent } from './events.ts';
import { createMachineDecider, type MachineCommand } from './machine.ts';

const hash = (content: Uint8Array | string): Digest =>
  asDigest(createHash('sha256').update(content).digest('hex'));
const machine = createMachineDecider(hash);
const digest = (name: string) => hash(name);

const setup: MachineCreatedData = {
  isa: 'riscv64',
  program: { path: '/bin/guest', digest: digest('program'), size: 4096 },
  arguments: [],
  environment: {},
  workingDirectory: '/',
  mounts: [],
  seed: '0',
  epoch: '0',
  memorySize: 1 << 20,
  digestInterval: 100,
  checkpointInterval: 200,
};

const create: MachineCommand = { type: 'CreateMachine', setup };
const start: MachineCommand = { type: 'StartMachine', entry: '0x10000', digest: digest('0') };
const advance = (icount: number, changedPages = 1): MachineCommand => ({
  type: 'AdvanceExecution',
  icount,
  changedPages,
  digest: digest(String(icount)),
});
const exit = (icount: number): MachineCommand => ({
  type: 'ExitMachine',
  icount,
  status: { kind: 'exited', code: 0 },
  digest: digest('end'),
  unsupported: {},
});
const reply = (icount: number): MachineCommand => ({
  type: 'RecordReply',
  icount,
  call: 'stat',
  request: digest('request'),
  reply: { ok: false, error: 'ENOENT' },
});

/** The events of commands that must all be accepted. */
function given(...commands: MachineCommand[]): MachineEvent[] {
  const events: MachineEvent[] = [];
  for (const command of commands) {
    const decided = machine.decide(command, fold(machine, events));
    if (!decided.ok) throw new Error(`${command.type} was refused: ${JSON.stringify(decided.error)}`);
    events.push(...decided.value);
  }
  return events;
}

const when = (command: MachineCommand, events: readonly MachineEvent[]) =>
  machine.decide(command, fold(machine, events));

describe('a virtual machine', () => {
  test('is created, starts, advances and exits', () => {
    const events = given(create, start, reply(3), advance(100), exit(150));
    expect(events.map(({ type }) => type)).toEqual([
      'MachineCreated',
      'MachineStarted',
      'HostReplied',
      'ExecutionAdvanced',
      'MachineExited',
    ]);
    expect(fold(machine, events)).toMatchObject({
      status: 'ended',
      icount: 150,
      replies: 1,
      end: { kind: 'exited', code: 0 },
    });
  });

  test('links every digest to the one before', () => {
    const chains = (commands: MachineCommand[]) =>
      given(create, start, ...commands).flatMap(({ data }) => ('chain' in data ? [data.chain] : []));
    const straight = chains([advance(100), advance(200)]);
    const other = chains([{ ...advance(100), digest: digest('other') } as MachineCommand, advance(200)]);
    expect(new Set(straight).size).toBe(3);
    expect(other[0]).toBe(straight[0]);
    expect(other[2]).not.toBe(straight[2]);
  });

  test('refuses to be created twice', () => {
    expect(when(create, given(create))).toEqual({ ok: false, error: { reason: 'already-created' } });
  });

  test('refuses to start before it is created, and twice', () => {
    expect(when(start, [])).toEqual({ ok: false, error: { reason: 'not-created' } });
    expect(when(start, given(create, start))).toEqual({ ok: false, error: { reason: 'already-started' } });
  });

  test('refuses to advance before it started and after it ended', () => {
    expect(when(advance(100), given(create))).toEqual({ ok: false, error: { reason: 'not-running' } });
    expect(when(advance(100), given(create, start, exit(5)))).toEqual({
      ok: false,
      error: { reason: 'ended' },
    });
  });

  test('refuses an instruction count that goes back', () => {
    expect(when(reply(120), given(create, start, advance(100), reply(150)))).toEqual({
      ok: false,
      error: { reason: 'count-went-back', icount: 120, reached: 150 },
    });
  });

  test('takes digests only where the schedule has one', () => {
    expect(when(advance(150), given(create, start))).toEqual({
      ok: false,
      error: { reason: 'not-a-digest-point', icount: 150, interval: 100 },
    });
    expect(when(advance(100), given(create, start, advance(100)))).toMatchObject({ ok: false });
    expect(when(advance(900), given(create, start, advance(800)))).toMatchObject({ ok: false });
    expect(when(advance(1000), given(create, start, advance(800)))).toMatchObject({ ok: true });
  });

  test('takes a digest of many pages only when enough was executed since the last', () => {
    expect(when(advance(200, 33), given(create, start, advance(100)))).toMatchObject({ ok: false });
    expect(when(advance(300, 33), given(create, start, advance(100)))).toMatchObject({ ok: true });
  });

  test('takes checkpoints only where the schedule has one, when enough was executed for their pages', () => {
    const checkpoint = (icount: number, changedPages = 1): MachineCommand => ({
      type: 'TakeCheckpoint',
      icount,
      changedPages,
      snapshot: digest('snapshot'),
    });
    expect(when(checkpoint(100), given(create, start, advance(100)))).toMatchObject({
      error: { reason: 'not-a-checkpoint-point' },
    });
    expect(when(checkpoint(200), given(create, start, advance(100), advance(200)))).toMatchObject({
      ok: true,
      value: [{ type: 'CheckpointTaken', data: { icount: 200 } }],
    });
    expect(when(checkpoint(200, 33), given(create, start, advance(200)))).toMatchObject({ ok: false });
    expect(when(checkpoint(400, 33), given(create, start, advance(400)))).toMatchObject({ ok: true });
  });

  test.each([
    [{ digestInterval: 0 }, 'digest interval'],
    [{ checkpointInterval: 150 }, 'multiple of the digest interval'],
    [{ memorySize: -1 }, 'memory size'],
    [{ epoch: 'yesterday' }, 'epoch'],
    [{ program: { ...setup.program, path: 'guest' } }, 'absolute guest path'],
  ])('refuses the setup %j', (wrong, what) => {
    const decided = when({ type: 'CreateMachine', setup: { ...setup, ...wrong } }, []);
    expect(decided).toMatchObject({ ok: false, error: { reason: 'invalid-setup' } });
    expect(JSON.stringify(decided)).toContain(what);
  });

  test('never decides events that go back or follow the end, whatever it is told', () => {
    const command = fc.oneof(
      fc.constant(create),
      fc.constant(start),
      fc.nat(6).map((n) => advance(n * 50)),
      fc.nat(400).map(reply),
      fc.nat(400).map(exit),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const events: MachineEvent[] = [];
        for (const each of commands) {
          const decided = machine.decide(each, fold(machine, events));
          if (decided.ok) events.push(...decided.value);
        }
        const counts = events.flatMap(({ data }) => ('icount' in data ? [data.icount] : []));
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
        const end = events.findIndex(({ type }) => type === 'MachineExited');
        if (end >= 0) expect(end).toBe(events.length - 1);
      }),
    );
  });
});

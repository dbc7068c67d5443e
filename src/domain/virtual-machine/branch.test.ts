import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { fold } from '../shared/decider.ts';
import { asDigest, type Digest } from '../shared/digest.ts';
import type { MachineCreatedData, MachineEvent } from './events.ts';
import { createMachineDecider, type MachineCommand } from './machine.ts';
import { readMachineEvent } from './read-event.ts';

const hash = (content: Uint8Array | string): Digest =>
  asDigest(createHash('sha256').update(content).digest('hex'));
const machine = createMachineDecider(hash);

const setup: MachineCreatedData = {
  isa: 'riscv64',
  program: { path: '/bin/guest', digest: hash('program'), size: 4096 },
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
const start: MachineCommand = { type: 'StartMachine', entry: '0x10000', digest: hash('0') };
const fork = (icount: number): MachineCommand => ({
  type: 'ForkMachine',
  parent: 'main',
  revision: 1,
  icount,
  edits: [{ kind: 'register', thread: 100, register: 'x10', value: '0x5' }],
  digest: hash('edited'),
});
const advance = (icount: number): MachineCommand => ({
  type: 'AdvanceExecution',
  icount,
  changedPages: 1,
  digest: hash(String(icount)),
});
const unanswered: MachineCommand = {
  type: 'LeaveUnanswered',
  icount: 70,
  call: 'stat',
  request: hash('request'),
};

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

describe('a branch of a machine', () => {
  test('goes on from its parent’s state with the digest of the edited one', () => {
    const events = given(create, start, fork(60), advance(100));
    expect(fold(machine, events.slice(0, 3))).toMatchObject({
      status: 'running',
      icount: 60,
      advancedTo: 60,
      digest: hash('edited'),
      forks: 1,
    });
    const [, started, forked, advanced] = events as unknown as { data: { chain: Digest } }[];
    const chains = [started, forked, advanced].map((event) => event!.data.chain);
    expect(new Set(chains).size).toBe(3);
    const [, , , unforked] = given(create, start, advance(100), advance(200));
    expect(chains).not.toContain((unforked as unknown as { data: { chain: Digest } }).data.chain);
  });

  test('is forked where it stands, and not before it started or after its end', () => {
    expect(when(fork(0), given(create))).toEqual({ ok: false, error: { reason: 'not-running' } });
    expect(when(fork(50), given(create, start, advance(100)))).toMatchObject({
      error: { reason: 'count-went-back' },
    });
    expect(when(fork(90), given(create, start, fork(60), unanswered))).toEqual({
      ok: false,
      error: { reason: 'ended' },
    });
  });

  test('ends where nobody answers; what was recorded itself cannot', () => {
    expect(when(unanswered, given(create, start))).toEqual({ ok: false, error: { reason: 'not-forked' } });
    expect(fold(machine, given(create, start, fork(60), unanswered))).toMatchObject({
      status: 'ended',
      end: { kind: 'unanswered', call: 'stat' },
      digest: hash('edited'),
    });
  });

  test('is read back as it was written, and edits of no known kind are refused', () => {
    const [event] = given(create, start, fork(60)).slice(2);
    expect(readMachineEvent(JSON.parse(JSON.stringify(event)))).toEqual({ ok: true, value: event });
    for (const edit of [
      { kind: 'register', thread: 100, register: 'x10', value: '5' },
      { kind: 'memory', thread: 100, address: '0x10', bytes: '5' },
      { kind: 'weather', offset: 0 },
    ]) {
      const wrong = { ...event!, data: { ...event!.data, edits: [edit] } };
      expect(readMachineEvent(wrong)).toEqual({
        ok: false,
        error: expect.stringMatching(/malformed "edits"/),
      });
    }
  });
});

import type { HashFunction } from '../domain/shared/digest.ts';
import type { MachineCreatedData } from '../domain/virtual-machine/events.ts';
import { defaultCheckpointInterval, defaultDigestInterval } from '../domain/virtual-machine/schedule.ts';
import type { Control } from './control.ts';
import { defaultEpoch, type RunRequest, type RunResult } from './isochron.ts';
import { policyOf } from './guidance/choose-policy.ts';
import type { GuestFactory } from './ports/guest-factory.ts';
import type { GuestMachine, GuestSetup } from './ports/guest-machine.ts';
import type { HostClock } from './ports/host-clock.ts';
import type { HostFactory } from './ports/host-factory.ts';
import { wholeOf } from './ports/program-image.ts';
import type { PolicyFactory } from './ports/translation-policy.ts';
import { Journal, type Stores } from './recording/journal.ts';
import { Recorder } from './recording/recorder.ts';
import { driveGuest, unsupportedCalls } from './recording/drive-guest.ts';
import { streamOf } from './recording/history.ts';
import { RecordingError } from './recording/recording-error.ts';
import { RecordingHost } from './recording/recording-host.ts';

export interface RunParts {
  readonly guests: GuestFactory;
  readonly openHost: HostFactory;
  readonly stores: Stores;
  readonly hash: HashFunction;
  readonly clock: HostClock;
  readonly newId: () => string;
  readonly policies: PolicyFactory;
  /** The shortest distance between digests, in instructions; tests shorten it. */
  readonly digestInterval?: number;
  readonly checkpointInterval?: number;
}

/** Runs a program to its end, a limit or an abort; with `request.record`, writes a recording as it goes. */
export async function runProgram(request: RunRequest, parts: RunParts): Promise<RunResult> {
  const engine = chosenEngine(parts.guests, request.engine);
  const limit = instructionLimit(request.maxInstructions);
  const stream = request.record === undefined ? undefined : streamOf(request.record);
  if (stream !== undefined && (await parts.stores.events.streams(stream)).includes(stream))
    throw new RecordingError(
      'recording-exists',
      `a recording named ${request.record!} exists already: choose another name, or delete it first`,
      { recording: request.record! },
    );
  // What is recorded is kept, and must be what ran.
  const whole = stream === undefined ? undefined : wholeOf(request.program);
  const setup = setupOf(whole ? { ...request, program: whole } : request);
  const policy = await policyOf(request, () => parts.hash(wholeOf(setup.program)), parts);
  const inner = parts.openHost({
    mounts: request.mounts ?? [],
    stdin: request.stdin ?? 'closed',
    output: request.output ?? (() => undefined),
  });
  let machine: GuestMachine | undefined = undefined;
  const icount = (): number => (machine as GuestMachine | undefined)?.icount ?? 0;
  const host = new RecordingHost(inner, parts.hash, icount, stream !== undefined);
  machine = parts.guests.create(setup, engine, host, policy);
  const recorder =
    stream === undefined
      ? undefined
      : new Recorder(machine, host, parts.hash, new Journal(parts.stores, stream, parts.newId, parts.clock));
  if (recorder && whole) await recorder.begin(createdData(setup, machine, parts, whole), whole);

  const status = await driveGuest({
    machine,
    recorder,
    clock: parts.clock,
    digestInterval: parts.digestInterval ?? defaultDigestInterval,
    limit,
    signal: request.signal,
    onProgress: request.onProgress,
  });
  const unsupported = unsupportedCalls(machine);
  const digest = recorder !== undefined || request.digest !== false ? machine.digest() : undefined;
  const chain = digest && (await recorder?.finish(status, digest, unsupported));
  return {
    recording: request.record,
    engine,
    icount: machine.icount,
    status,
    digest,
    chain,
    events: recorder?.events ?? 0,
    hostRequests: host.requests,
    unsupported,
    statistics: machine.statistics,
  };
}

/** How many instructions to retire at most. Throws `invalid-request`. */
export function instructionLimit(asked: number | undefined): number {
  const limit = asked ?? Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new RecordingError('invalid-request', 'the instruction limit must be a non-negative integer');
}

/** The engine asked for, or the default. Throws `unknown-engine`. */
export function chosenEngine(guests: GuestFactory, name: string | undefined): string {
  const engine = name ?? guests.engines[0]!;
  if (guests.engines.includes(engine)) return engine;
  throw new RecordingError(
    'unknown-engine',
    `there is no engine named ${JSON.stringify(engine)}; choose one of: ${guests.engines.join(', ')}`,
    { engine },
  );
}

/** What a guest begins with. */
export function setupOf(request: Omit<RunRequest, keyof Control>): GuestSetup {
  const mounts = (request.mounts ?? []).map(({ guest, readOnly }) => ({ guest, readOnly }));
  return {
    program: request.program,
    programPath: request.programPath,
    arguments: request.arguments ?? [],
    environment: request.environment ?? {},
    workingDirectory: request.workingDirectory ?? '/',
    mounts,
    seed: request.seed ?? '0',
    epoch: request.epoch ?? defaultEpoch,
    memorySize: request.memorySize ?? 2 ** 32,
  };
}

function createdData(
  setup: GuestSetup,
  machine: GuestMachine,
  parts: RunParts,
  program: Uint8Array,
): MachineCreatedData {
  const { programPath, arguments: args } = setup;
  return {
    isa: machine.isa.name,
    program: { path: programPath, digest: parts.hash(program), size: program.length },
    arguments: args,
    environment: setup.environment,
    workingDirectory: setup.workingDirectory,
    mounts: setup.mounts,
    seed: setup.seed,
    epoch: setup.epoch,
    memorySize: setup.memorySize,
    digestInterval: parts.digestInterval ?? defaultDigestInterval,
    checkpointInterval: parts.checkpointInterval ?? defaultCheckpointInterval,
  };
}

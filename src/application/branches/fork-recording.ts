import type { Edit } from '../../domain/virtual-machine/edit.ts';
import type { MachineCreatedData } from '../../domain/virtual-machine/events.ts';
import type { HostSystem } from '../ports/host-system.ts';
import { CheckpointWriter } from '../recording/checkpoint-writer.ts';
import { driveGuest, unsupportedCalls } from '../recording/drive-guest.ts';
import { editMachine } from '../recording/edit-machine.ts';
import { parseHistory, streamOf } from '../recording/history.ts';
import { requestDigest } from '../recording/host-reply.ts';
import { Journal } from '../recording/journal.ts';
import { Recorder } from '../recording/recorder.ts';
import { lastInstant } from '../recording/recording-end.ts';
import { RecordingError } from '../recording/recording-error.ts';
import { RecordingHost } from '../recording/recording-host.ts';
import { Replayer } from '../recording/replayer.ts';
import { startingPoint } from '../recording/starting-point.ts';
import { recordingOutline } from '../replay-recording.ts';
import { chosenEngine, instructionLimit, type RunParts } from '../run-program.ts';
import { nameOfBranch } from './branch-names.ts';
import { editReplies } from './edit-replies.ts';
import { FileEdits } from './file-edits.ts';
import type { ForkRequest, ForkResult } from './fork-request.ts';
import { OpenFiles } from './open-files.ts';
import { ParentAnswers, UnansweredRequest } from './parent-answers.ts';
import { type ParentHistory, readParent } from './parent-history.ts';
import { RecordedFiles } from './recorded-files.ts';
import { RecordedInput } from './recorded-input.ts';

/**
 * Makes a branch: goes to the instant, makes the edits, and runs on from there, recording. Throws `instant-out-of-range`,
 * `recording-exists` for a branch of that name, and `invalid-request` for an edit that cannot be made; then nothing is kept.
 */
export async function forkRecording(request: ForkRequest, parts: RunParts): Promise<ForkResult> {
  const { recording: parent, at, edits } = request;
  const engine = chosenEngine(parts.guests, request.engine);
  const limit = instructionLimit(request.maxInstructions);
  const branch = await nameOfBranch(parent, request.branch, parts.stores.events);
  const { replayer, files } = await standingAt(request, engine, parts);
  const { machine } = replayer;
  const history = await readParent(parent, { icount: at, ...replayer.progress }, parts);
  const replies = editReplies(history.replies, edits, history.stdinRead);
  const fileEdits = new FileEdits(edits, replayer.setup.mounts);
  const input = new RecordedInput(replies, history.stdinRead);
  editMachine(machine, edits);

  const output = request.output ?? (() => undefined);
  const known = await recordedFiles(request, engine, history, parts);
  const answers = new ParentAnswers({ input, edits: fileEdits, files, known, hash: parts.hash, output });
  const host = new RecordingHost(answers, parts.hash, () => machine.icount);
  files.handOverTo(host);
  const journal = new Journal(parts.stores, streamOf(branch), parts.newId, parts.clock);
  const before = { state: history.state, checkpoints: await checkpointsAfter(history, parts) };
  const recorder = new Recorder(machine, host, parts.hash, journal, before);
  await recorder.fork({ parent: parseHistory(parent).branch, revision: history.revision, edits });
  const ending = await runBranch(recorder, replayer, limit, request, parts);
  return {
    recording: branch,
    parent,
    at,
    engine,
    icount: machine.icount,
    events: recorder.events,
    unused: [...fileEdits.unused, ...edits.filter((edit) => input.isToCome(edit))],
    unsupported: unsupportedCalls(machine),
    ...ending,
  };
}

/** Replays the parent to the fork. */
async function standingAt(
  { recording: parent, at, edits, signal, onProgress }: ForkRequest,
  engine: string,
  parts: RunParts,
): Promise<{ readonly replayer: Replayer; readonly files: OpenFiles }> {
  const { icount, end } = await recordingOutline(parent, parts);
  const last = lastInstant(end, icount);
  if (!Number.isSafeInteger(at) || at < 0 || at > last)
    throw new RecordingError(
      'instant-out-of-range',
      `${parent} can be forked at instructions 0 to ${last}, not at ${at}`,
      { recording: parent, at, end: last },
    );
  const checkpoint = await startingPoint(parent, at, parts.stores);
  let files: OpenFiles | undefined;
  const open = (from: typeof checkpoint) =>
    Replayer.open(parent, engine, parts, { from, through: (host) => (files = new OpenFiles(host)) });
  let replayer = await open(checkpoint);
  if (checkpoint !== undefined && needsOpenFiles(edits, replayer.setup.mounts)) {
    await replayer.close();
    replayer = await open(undefined);
  }
  await replayer.seek(at, {
    ending: false,
    signal,
    onProgress: (progress) => onProgress?.({ ...progress, total: at }),
  });
  await replayer.close();
  signal?.throwIfAborted();
  return { replayer, files: files! };
}

/** What the parent read of files, from its beginning to its end. */
async function recordedFiles(
  { recording: parent, signal, onProgress }: ForkRequest,
  engine: string,
  { readsFiles }: ParentHistory,
  parts: RunParts,
): Promise<Pick<RecordedFiles, 'read'>> {
  if (!readsFiles) return { read: () => undefined };
  let files: RecordedFiles | undefined;
  const through = (host: HostSystem) => (files = new RecordedFiles(host));
  const replayer = await Replayer.open(parent, engine, parts, { through });
  await replayer.seek(Number.MAX_SAFE_INTEGER, { signal, onProgress });
  await replayer.close();
  signal?.throwIfAborted();
  return files!;
}

/** Whether it matters which files are open at the fork: then the guest is watched from its beginning. */
const needsOpenFiles = (edits: readonly Edit[], mounts: MachineCreatedData['mounts']): boolean =>
  edits.some(({ kind }) => kind === 'file') || mounts.some(({ readOnly }) => !readOnly);

/** A writer that goes on as the parent's would have. */
async function checkpointsAfter(
  { state }: ParentHistory,
  { hash, stores }: RunParts,
): Promise<CheckpointWriter> {
  const writer = new CheckpointWriter(hash);
  const last = state.status === 'running' ? state.checkpoints.at(-1) : undefined;
  if (last !== undefined) await writer.goOnFrom(last.snapshot, stores.blobs);
  return writer;
}

async function runBranch(
  recorder: Recorder,
  { machine, setup: { digestInterval } }: Replayer,
  limit: number,
  { signal, onProgress }: ForkRequest,
  { clock, hash }: RunParts,
): Promise<Pick<ForkResult, 'end' | 'digest' | 'chain' | 'unanswered'>> {
  try {
    const end = await driveGuest({ machine, recorder, clock, digestInterval, limit, signal, onProgress });
    const digest = machine.digest();
    const chain = await recorder.finish(end, digest, unsupportedCalls(machine));
    return { end, digest, chain, unanswered: undefined };
  } catch (error) {
    if (!(error instanceof UnansweredRequest)) throw error;
    const { call } = error.request;
    const chain = await recorder.leaveUnanswered({ call, request: requestDigest(error.request, hash) });
    return { end: { kind: 'unanswered', call }, digest: undefined, chain, unanswered: error.message };
  }
}

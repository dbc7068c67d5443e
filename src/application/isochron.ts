import type { Observable } from 'rxjs';
import type { DivergenceReport } from '../domain/virtual-machine/divergence.ts';
import type { PromotionModel } from '../domain/guidance/promotion-model.ts';
import type { Digest } from '../domain/shared/digest.ts';
import type { InstructionSet } from '../domain/isa/instruction-set.ts';
import type { BranchSummary, ForkRequest, ForkResult } from './branches/fork-request.ts';
import type { CopyRequest, CopyResult } from './copy-request.ts';
import type { DiffRequest, DiffResult } from './diff/diff-request.ts';
import type { ParkedShard } from './distribution/await-shards.ts';
import type {
  DistributedIndexRequest,
  FollowRequest,
  IndexRequest,
  IndexResult,
} from './effects/index-request.ts';
import type { WorkRequest, WorkResult } from './distribution/work-shards.ts';
import type { TranslationStatistics } from '../domain/translation-cache/statistics.ts';
import type { Guidance, GuidanceKind } from './guidance/guidance.ts';
import type { StoredEvent } from './ports/event-store.ts';
import type { Control, OutputSink } from './control.ts';
import type { GuestStatus, MemoryRegionView } from './ports/guest-machine.ts';
import type { HostMount, StandardInput } from './ports/host-factory.ts';
import type { Stores } from './ports/recording-archive.ts';
import type { SqlResult } from './ports/sql-database.ts';
import type { Damage } from './ports/store-fault.ts';
import type { SymbolTable } from './inspection/symbols.ts';
import type { Proofs } from './proofs/proofs.ts';
import type { RecordingEnd, RunStatus } from './recording/recording-end.ts';
import type { ReplayCampaignRequest, ReplayCampaignResult } from './replay-campaign-request.ts';
import type { Effect } from './traces/effect.ts';
import type { EffectExportRequest, EffectExportResult } from './traces/export-effects.ts';
import type { TimelineExportRequest } from './traces/export-timeline.ts';
import type { QueryRequest } from './traces/query-effects.ts';
import type { TraceRequest } from './traces/trace-request.ts';
import type { ProgramImage } from './ports/program-image.ts';
import type { TravelRequest, TravelSession } from './travel/travel.ts';
import type { Verification } from './verification/verification.ts';
import type { EventsRequest } from './watch-events.ts';

export type { Control, OutputSink, Progress } from './control.ts';
export type { RecordingEnd, RunStatus } from './recording/recording-end.ts';
export type { EventsRequest } from './watch-events.ts';

export interface RunRequest extends Control {
  /** The ELF image. */
  readonly program: ProgramImage;
  /** The guest's name for the program: /proc/self/exe, and argv[0] unless `argv0` says otherwise. Absolute. */
  readonly programPath: string;
  /** The arguments after argv[0]. */
  readonly arguments?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Default: `/`. */
  readonly workingDirectory?: string | undefined;
  /** Host directories the guest may see; default none. */
  readonly mounts?: readonly HostMount[] | undefined;
  /** Default: closed (reading gives end of file). */
  readonly stdin?: StandardInput | undefined;
  /** Seeds everything random in the guest. Default `0`: the same command gives the same run. */
  readonly seed?: string | undefined;
  /** Guest wall-clock time at instruction 0, nanoseconds since 1970, decimal. Default {@link defaultEpoch}. */
  readonly epoch?: string | undefined;
  /** Bytes of guest address space: a multiple of 64 KiB, at most 4 GiB (the default). */
  readonly memorySize?: number | undefined;
  /** Default: the first of {@link Isochron.engines}. */
  readonly engine?: string | undefined;
  /** Stop once exactly this many instructions have retired. */
  readonly maxInstructions?: number | undefined;
  /** The recording's name; without one, nothing is recorded. */
  readonly record?: string | undefined;
  /** Whether the result has the digest of the final state, which reads all of the guest's memory (default true). */
  readonly digest?: boolean | undefined;
  readonly output?: OutputSink | undefined;
  /** What decides which code is translated when. Default: `counter`. */
  readonly guidance?: GuidanceKind | undefined;
  /** The model for `learned`; default: the one that comes with Isochron. */
  readonly model?: PromotionModel | undefined;
}

export interface RunResult {
  /** The recording's name, when the run was recorded. */
  readonly recording: string | undefined;
  readonly engine: string;
  /** Instructions retired. */
  readonly icount: number;
  readonly status: RunStatus;
  /** Digest of the final machine state, when it was asked for or recorded. */
  readonly digest: Digest | undefined;
  /** Head of the digest chain, when recorded: equal chains mean equal states at every digest point. */
  readonly chain: Digest | undefined;
  /** Events appended to the recording (0 when not recording). */
  readonly events: number;
  /** Requests the guest put to the host. */
  readonly hostRequests: number;
  /** System calls answered ENOSYS because they are not implemented: name to count. */
  readonly unsupported: Readonly<Record<string, number>>;
  readonly statistics: TranslationStatistics;
}

export interface ReplayRequest extends Control {
  readonly recording: string;
  readonly engine?: string | undefined;
  /** Stop at this instruction count (default: the recording's end). */
  readonly until?: number | undefined;
  /** Receives the guest's output again. */
  readonly output?: OutputSink | undefined;
  /** Check every digest (default true; requests are always checked). */
  readonly verify?: boolean | undefined;
  /** On divergence, bisect to the first differing instruction with this other engine, when given. */
  readonly reference?: string | undefined;
}

export interface ReplayResult {
  readonly recording: string;
  readonly engine: string;
  /** Instructions replayed. */
  readonly icount: number;
  readonly end: RecordingEnd;
  /** Whether the end of the recording was reached (false: `until`, an abort or a divergence came first). */
  readonly complete: boolean;
  readonly eventsChecked: number;
  readonly digestsChecked: number;
  readonly repliesChecked: number;
  readonly outputBytes: number;
  /** Head of the digest chain recomputed by this replay (undefined when the recording was cut off before its start). */
  readonly chain: Digest | undefined;
  /** The replayed machine did something else than the recording says: where and what. */
  readonly divergence: DivergenceReport | undefined;
  readonly statistics: TranslationStatistics;
}

export interface CompareRequest extends Control {
  readonly recording: string;
  readonly engines: readonly [string, string];
  readonly until?: number | undefined;
  /** Compare at least every so many instructions; default: where the recording has events. */
  readonly every?: number | undefined;
}

export interface CompareResult {
  readonly recording: string;
  readonly engines: readonly [string, string];
  /** Instructions both engines executed with equal states. */
  readonly icount: number;
  /** How many times the full states were compared. */
  readonly comparisons: number;
  readonly complete: boolean;
  readonly divergence: DivergenceReport | undefined;
}

export interface RecordingSummary {
  readonly name: string;
  readonly isa: string;
  readonly program: { readonly path: string; readonly digest: Digest; readonly size: number };
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly mounts: readonly { readonly guest: string; readonly readOnly: boolean }[];
  readonly seed: string;
  readonly epoch: string;
  readonly memorySize: number;
  /** Instructions recorded durably. */
  readonly icount: number;
  readonly end: RecordingEnd;
  readonly events: number;
  /** Bytes of event data as JSON. */
  readonly eventBytes: number;
  readonly eventsByType: Readonly<Record<string, number>>;
  /** Instruction counts at which `inspect` can start without replaying from 0. */
  readonly checkpoints: readonly number[];
  readonly chain: Digest | undefined;
  readonly unsupported: Readonly<Record<string, number>>;
}

export interface InspectRequest extends Control {
  readonly recording: string;
  /** The instruction count to stand at; beyond the end is an error. */
  readonly at: number;
  readonly engine?: string | undefined;
}

export interface ThreadAtInstant {
  readonly id: number;
  readonly state: 'running' | 'runnable' | 'blocked' | 'stopped';
  readonly waitingFor: string | undefined;
  readonly pc: bigint;
  /** `function+0x12`, when the program has symbols. */
  readonly symbol: string | undefined;
  /** Every slot of the ISA's state layout, in its order. */
  readonly registers: ReadonlyMap<string, bigint>;
}

export interface DisassembledLine {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** Assembly text; `illegal` encodings are named `.insn …`. */
  readonly text: string;
  readonly symbol: string | undefined;
}

export interface BacktraceFrame {
  readonly pc: bigint;
  readonly symbol: string | undefined;
  /** How the frame was found. */
  readonly by: 'pc' | 'return-address' | 'frame-pointer';
}

/** A recorded machine at one instruction count. Reading it changes nothing. */
export interface Instant {
  readonly recording: string;
  readonly icount: number;
  readonly engine: string;
  readonly isa: InstructionSet;
  readonly status: GuestStatus;
  readonly digest: Digest;
  readonly threads: readonly ThreadAtInstant[];
  /** The thread that executes next (or last ran). */
  readonly current: number;
  readonly regions: readonly MemoryRegionView[];
  /** The bytes, or undefined where not all of the range is mapped. */
  memory(address: bigint, length: number): Uint8Array | undefined;
  /** `count` instructions from `address` on (default: around the thread's pc, `before` lines ahead of it). */
  disassemble(options?: {
    readonly thread?: number | undefined;
    readonly address?: bigint | undefined;
    readonly before?: number | undefined;
    readonly count?: number | undefined;
  }): readonly DisassembledLine[];
  backtrace(thread?: number): readonly BacktraceFrame[];
}

/** The first of the use cases: runs programs, records them in one store, and replays what is there. Rejects as {@link Isochron} does. */
export interface Runner {
  /** Engine names, the default first. */
  readonly engines: readonly string[];
  /** What was found damaged when the store was opened. */
  readonly damage: readonly Damage[];
  run(request: RunRequest): Promise<RunResult>;
  replay(request: ReplayRequest): Promise<ReplayResult>;
  close(): Promise<void>;
}

/**
 * Isochron's use cases over one store. Faults reject with an Error that has a stable `code`:
 * `unknown-recording`, `recording-exists`, `invalid-recording-name`, `unknown-engine`, `invalid-request`,
 * `damaged-recording`, `instant-out-of-range`, the program loader's and the store's.
 */
export interface Isochron extends Runner {
  /** How an engine runs on this host, in a few words, where that depends on the host. */
  onThisHost(engine: string): string | undefined;
  /** Campaigns that test instruction translation. */
  readonly verification: Verification;
  /** Proofs of rules, instructions and blocks. */
  readonly proofs: Proofs;
  /** Profiles of programs, and models trained from them. */
  readonly guidance: Guidance;
  compare(request: CompareRequest): Promise<CompareResult>;
  inspect(request: InspectRequest): Promise<Instant>;
  /** Departs from a recording, or from a branch of one, at some instant, with something changed; runs on from there, recording. */
  fork(request: ForkRequest): Promise<ForkResult>;
  /** Says where two recordings or branches first differ, and what differs from there on. */
  diff(request: DiffRequest): Promise<DiffResult>;
  /** The branches of a recording, the one that was recorded first. */
  branches(recording: string): Promise<readonly BranchSummary[]>;
  /** Indexes what of a recording's effects is not indexed yet, and stores it beside the recording. */
  index(request: IndexRequest): Promise<IndexResult>;
  /** Does that while the recording is being made, in this process or in another, until it has ended. */
  followIndex(request: FollowRequest): Promise<IndexResult>;
  /** Leaves that to the workers of the store, and waits for them; gives the ranges that none could do. */
  distributeIndex(request: DistributedIndexRequest): Promise<readonly ParkedShard[]>;
  /** Forgets the index of a recording; false where there was none. */
  dropIndex(recording: string): Promise<boolean>;
  /** Opens a cursor that goes anywhere in a recording, in both directions. */
  travel(request: TravelRequest): Promise<TravelSession>;
  /** What a recording’s instructions, and the system, read and wrote, in order, in portions. */
  effects(request: TraceRequest): AsyncIterable<readonly Effect[]>;
  /** Writes that to a new Parquet file. */
  exportEffects(request: EffectExportRequest): Promise<EffectExportResult>;
  /** Answers a query in SQL over tables of that; `answer` is given the result, which is there until it resolves. */
  sql(request: QueryRequest, answer: (result: SqlResult) => Promise<void>): Promise<void>;
  /** Writes calls, system calls, signals and turns to a new trace file, for Perfetto. */
  exportTimeline(request: TimelineExportRequest): Promise<EffectExportResult>;
  /** The names of all recordings, in order, those included that are too damaged to be shown. */
  names(): Promise<readonly string[]>;
  list(): Promise<readonly RecordingSummary[]>;
  show(recording: string): Promise<RecordingSummary>;
  /** Removes the recording and whatever blobs no other recording refers to; gives the bytes freed. */
  delete(recording: string): Promise<number>;
  /** Writes the recording, with every blob it refers to, to one new file. */
  exportTo(recording: string, file: string): Promise<void>;
  /** Reads a file that `exportTo` wrote; gives the recording's name (`name`, or the one it was exported under). */
  importFrom(file: string, name?: string): Promise<string>;
  /** Copies a recording from another store into this one, and reads it back; goes on where an earlier copy was stopped. */
  copyFrom(source: Isochron, request: CopyRequest): Promise<CopyResult>;
  /** The store itself, for copying. */
  readonly stores: Stores;
  /** Leaves replaying recordings to the workers of the store, and waits for them. */
  replayCampaign(request: ReplayCampaignRequest): Promise<ReplayCampaignResult>;
  /** Works on shards that campaigns offer in this store, one at a time, together with any number of other workers. */
  work(request: WorkRequest): Promise<WorkResult>;
  events(request: EventsRequest): Observable<StoredEvent>;
  /** The symbols of the recorded program, where it was loaded. */
  symbols(recording: string): Promise<SymbolTable>;
  /** The recorded program's bytes. */
  program(recording: string): Promise<Uint8Array>;
}

/** 2026-01-01T00:00:00Z: the guest's clock starts here unless asked otherwise, so that runs repeat. */
export const defaultEpoch = '1767225600000000000';

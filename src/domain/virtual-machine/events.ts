import type { Digest } from '../shared/digest.ts';
import type { DomainEvent } from '../shared/event.ts';
import type { Edit } from './edit.ts';

/**
 * What can happen to a recorded machine. Laws: everything here is a function of the guest, its inputs and the
 * instruction count: no wall clock, no engine's name, nothing per instruction. So two runs with the same inputs
 * write the same events, whatever engine ran them. All data is JSON; 64-bit values are `0x…` strings, instruction
 * counts (`icount`: instructions retired since the machine began, all threads together) are safe integers.
 */

/** The program a machine runs. */
export interface ProgramReference {
  /** The guest's name for it. */
  readonly path: string;
  /** SHA-256 of the ELF image, which is a blob of the store. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What determines a run apart from the host's replies. The first event of every stream. */
export interface MachineCreatedData {
  /** The instruction set: `riscv64`. */
  readonly isa: string;
  readonly program: ProgramReference;
  /** argv after argv[0]. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The guest's working directory at start. */
  readonly workingDirectory: string;
  /** Where the guest sees host directories; which host directories they were is not recorded. */
  readonly mounts: readonly { readonly guest: string; readonly readOnly: boolean }[];
  /** Seeds everything random in the guest. */
  readonly seed: string;
  /** Guest wall-clock time at instruction 0: nanoseconds since 1970, decimal. */
  readonly epoch: string;
  /** Bytes of guest address space. */
  readonly memorySize: number;
  /** The shortest distance between digests, in instructions; it grows with the recording, and with the pages that change. */
  readonly digestInterval: number;
  /** The shortest distance between checkpoints, in instructions; it grows likewise. */
  readonly checkpointInterval: number;
}

/** The program is loaded and nothing has executed. */
export interface MachineStartedData {
  /** The first instruction's address. */
  readonly entry: string;
  /** Digest of the machine's state at instruction 0. */
  readonly digest: Digest;
  /** The digest chain's first link. */
  readonly chain: Digest;
}

/** Bytes within a reply: here (`base64`), or in a blob when they are many. */
export type RecordedBytes = { readonly base64: string } | { readonly blob: Digest; readonly length: number };

/** What `stat` said about a file of the host. */
export interface RecordedStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly inode: number;
  readonly links: number;
}

/** A host's reply as recorded. `names` of large directories are a blob holding a JSON array. */
export type RecordedReply =
  | {
      readonly ok: true;
      readonly value?: number;
      readonly stat?: RecordedStat;
      readonly names?: readonly string[] | { readonly blob: Digest; readonly length: number };
      readonly target?: string;
      readonly bytes?: RecordedBytes;
    }
  | { readonly ok: false; readonly error: string };

/** The guest's operating system asked the outside world something, and this is what came back. */
export interface HostRepliedData {
  readonly icount: number;
  /** Which question: `read`, `stat`, `writeOutput` … */
  readonly call: string;
  /** SHA-256 of the whole question in canonical form: replay must ask exactly the same. */
  readonly request: Digest;
  readonly reply: RecordedReply;
}

/** The machine reached a digest point. */
export interface ExecutionAdvancedData {
  readonly icount: number;
  /** Digest of all guest-visible state: registers of every thread, kernel state, memory. */
  readonly digest: Digest;
  /** SHA-256 of the previous link, `icount` and `digest`: equal chains mean equal states at every point so far. */
  readonly chain: Digest;
}

/** A snapshot of the machine is in the blob store: seeking can start here. */
export interface CheckpointTakenData {
  readonly icount: number;
  /** The blob with kernel state, registers and the table of page groups. */
  readonly snapshot: Digest;
}

/** How a guest ends by itself. */
export type GuestEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number; readonly reason: string }
  | { readonly kind: 'deadlocked'; readonly reason: string };

/** The guest ended. The last event of a finished recording. */
export interface MachineExitedData {
  readonly icount: number;
  readonly status: GuestEnd;
  readonly digest: Digest;
  readonly chain: Digest;
  /** System calls answered ENOSYS because they are not implemented: name to count. */
  readonly unsupported: Readonly<Record<string, number>>;
}

/** We stopped the machine before the guest ended. The last event of a deliberately stopped recording. */
export interface MachineStoppedData {
  readonly icount: number;
  readonly reason: 'instruction-limit' | 'interrupted';
  readonly digest: Digest;
  readonly chain: Digest;
  readonly unsupported: Readonly<Record<string, number>>;
}

/**
 * A branch begins: the first event of its stream. What came before is the parent's, up to its event `revision`; the
 * branch's events are numbered on from there.
 */
export interface MachineForkedData {
  /** The branch of the same recording that it departs from; `main` is the one that was recorded. */
  readonly parent: string;
  /** The parent's last event that belongs to this branch too. */
  readonly revision: number;
  readonly icount: number;
  readonly edits: readonly Edit[];
  /** Digest of the machine's state with registers and memory edited. */
  readonly digest: Digest;
  readonly chain: Digest;
}

/** The guest of a branch asked the outside what its parent does not answer. The last event of such a branch. */
export interface RequestUnansweredData {
  readonly icount: number;
  /** Which question: `read`, `stat`, `readStdin` … */
  readonly call: string;
  /** SHA-256 of the whole question in canonical form. */
  readonly request: Digest;
}

export type MachineEvent =
  | DomainEvent<'MachineCreated', 1, MachineCreatedData>
  | DomainEvent<'MachineStarted', 1, MachineStartedData>
  | DomainEvent<'HostReplied', 1, HostRepliedData>
  | DomainEvent<'ExecutionAdvanced', 1, ExecutionAdvancedData>
  | DomainEvent<'CheckpointTaken', 1, CheckpointTakenData>
  | DomainEvent<'MachineExited', 1, MachineExitedData>
  | DomainEvent<'MachineStopped', 1, MachineStoppedData>
  | DomainEvent<'MachineForked', 1, MachineForkedData>
  | DomainEvent<'RequestUnanswered', 1, RequestUnansweredData>;

export type MachineEventType = MachineEvent['type'];

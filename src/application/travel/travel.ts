import type { Digest } from '../../domain/shared/digest.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { GuestStatus, MemoryRegionView, ThreadView } from '../ports/guest-machine.ts';
import type { RecordingEnd } from '../recording/recording-end.ts';

export interface TravelRequest {
  readonly recording: string;
  readonly engine?: string | undefined;
  /** Bytes of states kept in memory to start from; default 512 MiB. */
  readonly memoryBudget?: number | undefined;
}

/**
 * A cursor in a recording that goes anywhere, in both directions. Laws: what is seen at an instant is what a straight
 * run shows after as many instructions; nothing is changed by looking. Where a `signal` aborts, the cursor stays where
 * it came to.
 */
export interface TravelSession {
  readonly recording: string;
  /** The instants there are: 0 to `last`, the last one at which the guest is there. */
  readonly last: number;
  readonly end: RecordingEnd;
  readonly icount: number;
  readonly isa: InstructionSet;
  readonly status: GuestStatus;
  /** States in memory that the cursor can start from, and their bytes. */
  readonly materialised: { readonly count: number; readonly bytes: number };
  /** The thread whose turn it is. */
  readonly currentThread: number;
  /** Goes to an instruction count. Throws `instant-out-of-range`. */
  seek(icount: number, signal?: AbortSignal): Promise<void>;
  /** Goes `count` instructions on, all threads together, no further than the last instant; gives how many it went. */
  step(count?: number, signal?: AbortSignal): Promise<number>;
  /** Goes `count` instructions back, no further than instruction 0; gives how many it went. */
  reverseStep(count?: number, signal?: AbortSignal): Promise<number>;
  threads(): readonly ThreadView[];
  /** Every slot of a thread's state (default: the current one's), by name; undefined for a thread that is not there. */
  registers(thread?: number): ReadonlyMap<string, bigint> | undefined;
  /** The bytes, whatever their permissions; undefined where not all of the range is mapped. */
  memory(address: bigint, length: number): Uint8Array | undefined;
  regions(): readonly MemoryRegionView[];
  /** Digest of all that the guest could see. */
  digest(): Digest;
}

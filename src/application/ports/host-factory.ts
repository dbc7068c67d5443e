import type { HostSystem } from './host-system.ts';

/** A host directory that the guest sees at `guest` (an absolute path). */
export interface HostMount {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
}

/** What the guest reads from descriptor 0: nothing, the host process's own input, or given bytes. */
export type StandardInput = 'closed' | 'inherit' | Uint8Array;

export interface HostOptions {
  readonly mounts: readonly HostMount[];
  readonly stdin: StandardInput;
  readonly output: (to: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

/** Opens the outside world for one guest. Throws with a clear message when a mount's directory is not there. */
export type HostFactory = (options: HostOptions) => HostSystem;

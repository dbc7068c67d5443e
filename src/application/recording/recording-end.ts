import type { GuestStatus } from '../ports/guest-machine.ts';

/** How a run ended: the guest's own end, or ours (`stopped`). */
export type RunStatus =
  | Exclude<GuestStatus, { readonly kind: 'running' }>
  | { readonly kind: 'stopped'; readonly reason: 'instruction-limit' | 'interrupted' };

/** How a recording ends: with the guest, with a deliberate stop, or cut off (its process died while it recorded). */
export type RecordingEnd = RunStatus | { readonly kind: 'cut-off' };

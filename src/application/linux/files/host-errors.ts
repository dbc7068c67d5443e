import type { Errno, HostReply, HostRequest, HostSystem } from '../../ports/host-system.ts';
import { errno } from '../errno.ts';

/** A host error's name as the guest's negative error number. */
export const hostError = (name: Errno): number => errno[name];

/** Asks the host; a refusal comes back as a negative errno. */
export function ask(host: HostSystem, request: HostRequest): Extract<HostReply, { ok: true }> | number {
  const reply = host.perform(request);
  return reply.ok ? reply : hostError(reply.error);
}

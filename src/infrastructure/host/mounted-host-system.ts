/** The outside world of a guest: the directories that were mounted, standard input, and its output. */
import type { HostFactory } from '../../application/ports/host-factory.ts';
import type { HostReply, HostRequest } from '../../application/ports/host-system.ts';
import { errorName } from './host-refusal.ts';
import { MountRoot } from './mount-walk.ts';
import { MountedFiles } from './mounted-files.ts';
import { standardInput } from './standard-input.ts';

export type HostMountFaultCode = 'mount-unusable';

/** A directory to be mounted is missing or not a directory. `context` names it. */
export class HostMountFault extends Error {
  override readonly name = 'HostMountFault';
  readonly code: HostMountFaultCode = 'mount-unusable';
  readonly context: Readonly<Record<string, string>>;

  constructor(host: string, guest: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot mount ${host} at ${guest}: ${why}. Name a directory that exists and can be read.`, {
      cause,
    });
    this.context = { host, guest };
  }
}

/** Opens the outside world for one guest. Throws HostMountFault. */
export const createMountedHost: HostFactory = (options) => {
  const files = new MountedFiles(
    options.mounts.map(({ host, guest, readOnly }) => {
      try {
        return { root: new MountRoot(host), readOnly };
      } catch (cause) {
        throw new HostMountFault(host, guest, cause);
      }
    }),
  );
  const input = standardInput(options.stdin);
  const answer = (request: HostRequest): HostReply => {
    if (request.call === 'readStdin') return { ok: true, bytes: input(request.length) };
    if (request.call !== 'writeOutput') return files.perform(request);
    options.output(request.to, request.bytes);
    return { ok: true, value: request.bytes.length };
  };
  return {
    perform(request) {
      try {
        return answer(request);
      } catch (error) {
        return { ok: false, error: errorName(error) };
      }
    },
  };
};

import type { HostPath, HostReply, HostRequest, HostSystem } from '../ports/host-system.ts';

/** A place below a mount as one text. */
export const placeOf = ({ mount, path }: HostPath): string => [mount.toString(), ...path].join('/');

/** A host that has others answer, one after the other, and knows which file each open handle is. */
export class OpenFiles implements HostSystem {
  readonly #places = new Map<number, string>();
  #host: HostSystem;

  constructor(host: HostSystem) {
    this.#host = host;
  }

  /** From now on `host` answers. */
  handOverTo(host: HostSystem): void {
    this.#host = host;
  }

  /** The file that a handle is open for; undefined for one that was opened before anyone looked. */
  placeOf(handle: number): string | undefined {
    return this.#places.get(handle);
  }

  perform(request: HostRequest): HostReply {
    const reply = this.#host.perform(request);
    if (request.call === 'open' && reply.ok && reply.value !== undefined)
      this.#places.set(reply.value, placeOf(request.at));
    if (request.call === 'close') this.#places.delete(request.handle);
    return reply;
  }
}

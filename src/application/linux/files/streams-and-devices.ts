/** Operations of the standard streams, which the host performs, and of the devices under /dev. */
import { errno } from '../errno.ts';
import type { OpenObject } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { letGo } from './inodes.ts';
import { pollEvent, readable, signalPipe, writable } from './modes.ts';
import type { FileOperations } from './open-files.ts';

type Object<Kind extends OpenObject['kind']> = Extract<OpenObject, { kind: Kind }>;

/** Standard input counts as readable at any time: a read asks the host, which waits for input. */
export const streamOperations: FileOperations<Object<'stream'>> = {
  read(world, file, length) {
    if (length === 0) return new Uint8Array();
    const reply = ask(world.host, { call: 'readStdin', length });
    if (typeof reply === 'number') return reply;
    const bytes = reply.bytes ?? new Uint8Array();
    if (bytes.length === 0) file.object.ended = true;
    return bytes;
  },
  write(world, file, bytes) {
    const { stream } = file.object;
    if (stream === 'stdin') return errno.EBADF;
    if (bytes.length === 0) return 0;
    const reply = ask(world.host, { call: 'writeOutput', to: stream, bytes });
    if (reply === errno.EPIPE) world.raise(signalPipe);
    return typeof reply === 'number' ? reply : (reply.value ?? bytes.length);
  },
  readiness(_world, { object }) {
    const events =
      object.stream !== 'stdin' ? writable : object.ended ? readable | pollEvent.hangUp : readable;
    return { events, inEdges: object.ended ? 1 : 0, outEdges: 0 };
  },
  available: () => 0,
};

export const deviceOperations: FileOperations<Object<'device'>> = {
  read(world, { object }, length) {
    if (object.device === 'null') return new Uint8Array();
    return object.device === 'zero' || object.device === 'full'
      ? new Uint8Array(length)
      : world.random(length);
  },
  write: (_world, { object }, bytes) =>
    object.device === 'full' && bytes.length > 0 ? errno.ENOSPC : bytes.length,
  readiness: () => ({ events: readable | writable, inEdges: 0, outEdges: 0 }),
  release: ({ fileSystem }, file) => {
    letGo(fileSystem, { kind: 'memory', inode: file.object.inode });
  },
};

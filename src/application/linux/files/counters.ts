/** Operations of eventfd(2) and timerfd_create(2) files. Times are guest monotonic nanoseconds. */
import { errno } from '../errno.ts';
import type { OpenObject } from './file-system-state.ts';
import { pollEvent, readable, writable } from './modes.ts';
import { type FileOperations, isNonBlocking } from './open-files.ts';

type Object<Kind extends OpenObject['kind']> = Extract<OpenObject, { kind: Kind }>;

const highest = 0xfffffffffffffffen;

const eightBytes = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

export const eventCounterOperations: FileOperations<Object<'eventfd'>> = {
  read(world, file, length) {
    const { object } = file;
    if (length < 8) return errno.EINVAL;
    if (object.count === 0n) return isNonBlocking(file) ? errno.EAGAIN : { wait: 'eventfd read' };
    const value = object.semaphore ? 1n : object.count;
    object.count -= value;
    object.outEdges++;
    world.changed();
    return eightBytes(value);
  },
  write(world, file, bytes) {
    const { object } = file;
    if (bytes.length < 8) return errno.EINVAL;
    const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (value > highest) return errno.EINVAL;
    if (object.count + value > highest) return isNonBlocking(file) ? errno.EAGAIN : { wait: 'eventfd write' };
    object.count += value;
    object.inEdges++;
    world.changed();
    return 8;
  },
  readiness(_world, { object }) {
    const events = (object.count > 0n ? readable : 0) | (object.count < highest ? writable : 0);
    return { events, inEdges: object.inEdges, outEdges: object.outEdges };
  },
};

/** How often the timer has expired by `now` since it was last read. */
export function expiries(timer: Object<'timerfd'>, now: bigint): bigint {
  if (timer.next === undefined || now < timer.next) return 0n;
  return timer.interval === 0n ? 1n : (now - timer.next) / timer.interval + 1n;
}

export const timerOperations: FileOperations<Object<'timerfd'>> = {
  read(world, file, length) {
    const { object } = file;
    if (length < 8) return errno.EINVAL;
    const count = expiries(object, world.monotonic);
    if (count === 0n)
      return isNonBlocking(file) ? errno.EAGAIN : { wait: 'timerfd read', deadline: object.next };
    object.next = object.interval === 0n ? undefined : object.next! + count * object.interval;
    object.edges++;
    return eightBytes(count);
  },
  readiness(world, { object }) {
    const count = expiries(object, world.monotonic);
    // Each expiry is an edge: the sum below moves with every one, and with every read.
    return {
      events: count > 0n ? pollEvent.in | pollEvent.readNormal : 0,
      inEdges: object.edges * 2 ** 20 + Number(count % 0x100000n),
      outEdges: 0,
      deadline: count > 0n ? undefined : object.next,
    };
  },
};

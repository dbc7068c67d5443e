/** The structures of stat(2), statx(2) and statfs(2) as they lie in riscv64 memory (asm-generic). */
import { contentLimit } from './file-system-state.ts';

/** What stat tells. Times are nanoseconds since 1970; `blocks` are of 512 bytes. */
export interface Status {
  readonly fileSystem: number;
  readonly inode: bigint;
  /** File type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly blocks: number;
  /** Device number of a device: major << 8 | minor. */
  readonly device: number;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
  readonly born: bigint;
}

const second = 1_000_000_000n;
/** Whole seconds and the nanoseconds after them, also before 1970. */
const split = (time: bigint): readonly [bigint, number] => {
  const part = ((time % second) + second) % second;
  return [(time - part) / second, Number(part)];
};

/** struct stat, 128 bytes. */
export function statBytes(status: Status): Uint8Array {
  const view = new DataView(new ArrayBuffer(128));
  view.setBigUint64(0, BigInt(status.fileSystem), true);
  view.setBigUint64(8, status.inode, true);
  view.setUint32(16, status.mode, true);
  view.setUint32(20, status.links, true);
  view.setUint32(24, status.uid, true);
  view.setUint32(28, status.gid, true);
  view.setBigUint64(32, BigInt(status.device), true);
  view.setBigInt64(48, BigInt(status.size), true);
  view.setInt32(56, 4096, true);
  view.setBigInt64(64, BigInt(status.blocks), true);
  for (const [index, time] of [status.accessed, status.modified, status.changed].entries()) {
    const [seconds, nanoseconds] = split(time);
    view.setBigInt64(72 + index * 16, seconds, true);
    view.setBigUint64(80 + index * 16, BigInt(nanoseconds), true);
  }
  return new Uint8Array(view.buffer);
}

/** struct statx, 256 bytes; the mask is STATX_BASIC_STATS | STATX_BTIME. */
export function statxBytes(status: Status): Uint8Array {
  const view = new DataView(new ArrayBuffer(256));
  view.setUint32(0, 0xfff, true);
  view.setUint32(4, 4096, true);
  view.setUint32(16, status.links, true);
  view.setUint32(20, status.uid, true);
  view.setUint32(24, status.gid, true);
  view.setUint16(28, status.mode, true);
  view.setBigUint64(32, status.inode, true);
  view.setBigUint64(40, BigInt(status.size), true);
  view.setBigUint64(48, BigInt(status.blocks), true);
  for (const [index, time] of [status.accessed, status.born, status.changed, status.modified].entries()) {
    const [seconds, nanoseconds] = split(time);
    view.setBigInt64(64 + index * 16, seconds, true);
    view.setUint32(72 + index * 16, nanoseconds, true);
  }
  view.setUint32(128, status.device >> 8, true);
  view.setUint32(132, status.device & 0xff, true);
  view.setUint32(140, status.fileSystem, true);
  return new Uint8Array(view.buffer);
}

/** struct statfs, 120 bytes: proc, or a tmpfs of the size that the guest's files may take. */
export function statfsBytes(isProc: boolean, readOnly: boolean, held: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(120));
  const put = (at: number, value: number): void => {
    view.setBigInt64(at, BigInt(value), true);
  };
  put(0, isProc ? 0x9fa0 : 0x01021994);
  put(8, 4096);
  if (!isProc) {
    const free = Math.floor((contentLimit - held) / 4096);
    put(16, contentLimit / 4096);
    put(24, free);
    put(32, free);
    put(40, 1 << 20);
    put(48, 1 << 19);
  }
  put(64, 255);
  put(72, 4096);
  put(80, readOnly ? 0x21 : 0x20);
  return new Uint8Array(view.buffer);
}

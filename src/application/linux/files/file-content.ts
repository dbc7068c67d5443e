/** Contents of in-memory files: sparse blocks of 4096 bytes over the program's image. Blocks are replaced, not changed. */
import { errno } from '../errno.ts';
import { type FileInode, type FileSystem, blockSize, contentLimit } from './file-system-state.ts';

/** F_SEAL_* bits. */
export const seal = { seal: 1, shrink: 2, grow: 4, write: 8, futureWrite: 16 } as const;

function blockAt(fileSystem: FileSystem, inode: FileInode, index: number): Uint8Array | undefined {
  const block = inode.blocks.get(index);
  if (block !== undefined) return block;
  const start = index * blockSize;
  return start < inode.image
    ? fileSystem.program.subarray(start, Math.min(start + blockSize, inode.image))
    : undefined;
}

/** Bytes from `offset` up to `length` or the end of the file. */
export function readContent(
  fileSystem: FileSystem,
  inode: FileInode,
  offset: number,
  length: number,
): Uint8Array {
  const end = Math.min(offset + length, inode.size);
  if (end <= offset) return new Uint8Array();
  const bytes = new Uint8Array(end - offset);
  for (let at = offset; at < end;) {
    const within = at % blockSize;
    const step = Math.min(blockSize - within, end - at);
    const block = blockAt(fileSystem, inode, Math.floor(at / blockSize));
    if (block !== undefined) bytes.set(block.subarray(within, within + step), at - offset);
    at += step;
  }
  return bytes;
}

/** Writes all of `bytes` or, where the guest's room for files is used up, nothing. */
export function writeContent(
  fileSystem: FileSystem,
  inode: FileInode,
  offset: number,
  bytes: Uint8Array,
): number {
  if (inode.seals !== undefined && (inode.seals & (seal.write | seal.futureWrite)) !== 0) return errno.EPERM;
  const end = offset + bytes.length;
  if (end > Number.MAX_SAFE_INTEGER) return errno.EFBIG;
  if (inode.seals !== undefined && (inode.seals & seal.grow) !== 0 && end > inode.size) return errno.EPERM;
  if (fileSystem.state.held + bytes.length + 2 * blockSize > contentLimit) return errno.ENOSPC;
  for (let at = offset; at < end;) {
    const within = at % blockSize;
    const step = Math.min(blockSize - within, end - at);
    const index = Math.floor(at / blockSize);
    const block = new Uint8Array(blockSize);
    const old = blockAt(fileSystem, inode, index);
    if (old !== undefined && step < blockSize) block.set(old);
    block.set(bytes.subarray(at - offset, at - offset + step), within);
    if (!inode.blocks.has(index)) fileSystem.state.held += blockSize;
    inode.blocks.set(index, block);
    at += step;
  }
  inode.size = Math.max(inode.size, end);
  return bytes.length;
}

/** Makes [start, end) read as zeros. */
export function punchHole(fileSystem: FileSystem, inode: FileInode, start: number, end: number): number {
  const stop = Math.min(end, inode.size);
  for (let at = start; at < stop;) {
    const index = Math.floor(at / blockSize);
    const from = at % blockSize;
    const upTo = Math.min(blockSize, stop - index * blockSize);
    const old = blockAt(fileSystem, inode, index);
    if (old !== undefined) {
      const whole = from === 0 && upTo === blockSize && index * blockSize >= inode.image;
      if (whole) {
        inode.blocks.delete(index);
        fileSystem.state.held -= blockSize;
      } else {
        const block = new Uint8Array(blockSize);
        block.set(old);
        block.fill(0, from, upTo);
        if (!inode.blocks.has(index)) fileSystem.state.held += blockSize;
        inode.blocks.set(index, block);
      }
    }
    // A hole in a sparse file can be large: go from one stored block to the next.
    at = old === undefined ? nextStored(inode, index + 1) * blockSize : (index + 1) * blockSize;
  }
  return 0;
}

/** The first block at or after `index` that is stored, or Infinity. */
function nextStored(inode: FileInode, index: number): number {
  if (index * blockSize < inode.image) return index;
  let next = Infinity;
  for (const stored of inode.blocks.keys()) if (stored >= index && stored < next) next = stored;
  return next;
}

/** Sets the size; bytes beyond an earlier end read as zeros. */
export function resizeContent(fileSystem: FileSystem, inode: FileInode, size: number): number {
  const seals = inode.seals ?? 0;
  if (size < inode.size && (seals & seal.shrink) !== 0) return errno.EPERM;
  if (size > inode.size && (seals & seal.grow) !== 0) return errno.EPERM;
  if (size > Number.MAX_SAFE_INTEGER) return errno.EFBIG;
  if (size < inode.size) {
    for (const index of [...inode.blocks.keys()]) {
      if (index * blockSize < size) continue;
      inode.blocks.delete(index);
      fileSystem.state.held -= blockSize;
    }
    inode.image = Math.min(inode.image, size);
    const edge = inode.blocks.get(Math.floor(size / blockSize));
    if (edge !== undefined) {
      const block = new Uint8Array(blockSize);
      block.set(edge.subarray(0, size % blockSize));
      inode.blocks.set(Math.floor(size / blockSize), block);
    }
  }
  inode.size = size;
  return 0;
}

/** SEEK_DATA and SEEK_HOLE: the next offset at or after `offset` with data (`data`) or without, or ENXIO. */
export function seekContent(inode: FileInode, offset: number, data: boolean): number {
  if (offset < 0 || offset >= inode.size) return errno.ENXIO;
  let index = Math.floor(offset / blockSize);
  if (data) {
    const next = nextStored(inode, index);
    return next * blockSize >= inode.size ? errno.ENXIO : Math.max(offset, next * blockSize);
  }
  while (index * blockSize < inode.size && nextStored(inode, index) === index) index++;
  return Math.min(inode.size, Math.max(offset, index * blockSize));
}

/** Constants of the file system calls, asm-generic (riscv64) values. */

export const fileType = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  regular: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
} as const;

/** DT_* values of a directory entry. */
export const entryType = {
  fifo: 1,
  character: 2,
  directory: 4,
  regular: 8,
  symlink: 10,
  socket: 12,
} as const;

export const openFlag = {
  accessMode: 3,
  readOnly: 0,
  writeOnly: 1,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  noControllingTerminal: 0o400,
  truncate: 0o1000,
  append: 0o2000,
  nonBlock: 0o4000,
  dataSync: 0o10000,
  async: 0o20000,
  direct: 0o40000,
  largeFile: 0o100000,
  directory: 0o200000,
  noFollow: 0o400000,
  noAccessTime: 0o1000000,
  closeOnExec: 0o2000000,
  sync: 0o4010000,
  path: 0o10000000,
  temporary: 0o20200000,
} as const;

export const atFlag = {
  currentDirectory: -100,
  symlinkNoFollow: 0x100,
  removeDirectory: 0x200,
  effectiveAccess: 0x200,
  symlinkFollow: 0x400,
  noAutomount: 0x800,
  emptyPath: 0x1000,
} as const;

/** RESOLVE_* of openat2. */
export const resolveFlag = {
  noCrossDevice: 1,
  noMagicLinks: 2,
  noSymlinks: 4,
  beneath: 8,
  inRoot: 16,
  cached: 32,
} as const;

/** Events of poll and epoll. */
export const pollEvent = {
  in: 0x001,
  priority: 0x002,
  out: 0x004,
  error: 0x008,
  hangUp: 0x010,
  invalid: 0x020,
  readNormal: 0x040,
  readBand: 0x080,
  writeNormal: 0x100,
  writeBand: 0x200,
  readHangUp: 0x2000,
} as const;

export const readable = pollEvent.in | pollEvent.readNormal;
export const writable = pollEvent.out | pollEvent.writeNormal;

/** The most bytes that one read or write moves (MAX_RW_COUNT). */
export const transferLimit = 0x7ffff000;
export const pipeBuffer = 4096;
export const nameLimit = 255;
export const pathLimit = 4096;
export const linkLimit = 40;
export const signalPipe = 13;

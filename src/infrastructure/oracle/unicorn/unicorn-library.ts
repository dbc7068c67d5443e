import koffi from 'koffi';

/** The few functions of libunicorn 2 that the oracle calls. An error code of 0 is success (`uc_err`). */
export interface UnicornLibrary {
  /** Major and minor version. */
  readonly version: readonly [number, number];
  open(architecture: number, mode: number, engine: unknown[]): number;
  close(engine: unknown): number;
  map(engine: unknown, address: bigint, size: number, permissions: number): number;
  write(engine: unknown, address: bigint, bytes: Uint8Array, size: number): number;
  read(engine: unknown, address: bigint, bytes: Uint8Array, size: number): number;
  writeRegister(engine: unknown, register: number, value: Uint8Array): number;
  readRegister(engine: unknown, register: number, value: Uint8Array): number;
  /** Writes, or reads, `count` registers; see {@link RegisterBlock}. */
  writeRegisters(engine: unknown, numbers: Uint8Array, places: Uint8Array, count: number): number;
  readRegisters(engine: unknown, numbers: Uint8Array, places: Uint8Array, count: number): number;
  start(engine: unknown, begin: bigint, until: bigint, timeout: bigint, count: number): number;
  /** Forgets the translation of the code at an address, which writing the code does not. */
  forget(engine: unknown, address: bigint): number;
}

/** UC_CTL_TB_REMOVE_CACHE as a write of two arguments. */
const removeTranslation = 9 | (2 << 26) | (1 << 30);

/** Loads the library; undefined where it is not installed. */
export function loadUnicorn(file = 'libunicorn.so.2'): UnicornLibrary | undefined {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(file);
  } catch {
    return undefined;
  }
  const bind = <F>(declaration: string): F => library.func(declaration) as unknown as F;
  const control = bind<(engine: unknown, control: number, ...rest: unknown[]) => number>(
    'int uc_ctl(void*, int, ...)',
  );
  const version = bind<(major: number[], minor: number[]) => number>(
    'uint32_t uc_version(_Out_ uint32_t*, _Out_ uint32_t*)',
  );
  const major = [0];
  const minor = [0];
  version(major, minor);
  return {
    version: [major[0]!, minor[0]!],
    open: bind('int uc_open(int, int, _Out_ void**)'),
    close: bind('int uc_close(void*)'),
    map: bind('int uc_mem_map(void*, uint64_t, size_t, uint32_t)'),
    write: bind('int uc_mem_write(void*, uint64_t, const void*, size_t)'),
    read: bind('int uc_mem_read(void*, uint64_t, void*, size_t)'),
    writeRegister: bind('int uc_reg_write(void*, int, const void*)'),
    readRegister: bind('int uc_reg_read(void*, int, void*)'),
    writeRegisters: bind('int uc_reg_write_batch(void*, const void*, const void*, int)'),
    readRegisters: bind('int uc_reg_read_batch(void*, const void*, const void*, int)'),
    start: bind('int uc_emu_start(void*, uint64_t, uint64_t, uint64_t, size_t)'),
    forget: (engine, address) =>
      control(engine, removeTranslation, 'uint64_t', address, 'uint64_t', address + 1n),
  };
}

/** Registers that are written and read together, each at its place in one block of native memory. */
export class RegisterBlock {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly numbers: Uint8Array;
  readonly places: Uint8Array;

  constructor(registers: readonly { readonly number: number; readonly offset: number }[], size: number) {
    const memory: unknown = koffi.alloc('uint8', size);
    const base = koffi.address(memory);
    this.bytes = new Uint8Array(koffi.view(memory, size));
    this.count = registers.length;
    this.numbers = new Uint8Array(Int32Array.from(registers, ({ number }) => number).buffer);
    this.places = new Uint8Array(
      BigUint64Array.from(registers, ({ offset }) => base + BigInt(offset)).buffer,
    );
  }
}

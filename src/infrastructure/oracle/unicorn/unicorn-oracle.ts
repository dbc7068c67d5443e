import {
  type Oracle,
  type OracleCase,
  OracleFault,
  type OracleOutcome,
} from '../../../application/ports/oracle.ts';
import { loadUnicorn, type UnicornLibrary } from './unicorn-library.ts';

/**
 * Unicorn (libunicorn 2, through koffi) as oracle for single instructions. It starts in machine mode; the set-up turns
 * the floating-point unit on and drops to user mode. Control registers are reached by running csr instructions, so
 * that only the numbers of x, f and pc are needed. Unicorn 2.0 descends from qemu 5: where it agrees with
 * qemu-user, the two are one witness.
 */
const codeAddress = 0x100000n;
const setUpAddress = codeAddress + 0x800n;
const memoryAddress = 0x40000800n;
const scratchAddress = 0x200000n;
const memorySize = 256;
const pageSize = 4096;
const nowhere = 0x7fff_0000n;

const riscv64 = { architecture: 8, mode: 8 } as const;
const allPermissions = 7;
/** Register numbers of libunicorn 2.0; checked by `probe`. */
const register = { x: 1, f: 158, pc: 190 } as const;

/** x5 is the operand of every one of these. */
const setUp = {
  turnOnFloat: 0x3002a073, // csrs mstatus, x5
  setReturn: 0x34129073, // csrw mepc, x5
  clearMode: 0x3002b073, // csrc mstatus, x5
  dropToUser: 0x30200073, // mret
  setStatus: 0x00329073, // csrw fcsr, x5
  getStatus: 0x003022f3, // csrr x5, fcsr
  endReservation: 0x1802a02f, // sc.w x0, x0, (x5)
  readFloat: 0xe20f82d3, // fmv.x.d x5, f31
} as const;

/** uc_err, by the signal that Linux would send. */
const signals: Readonly<Record<number, number>> = {
  6: 11,
  7: 11,
  8: 11,
  10: 5,
  12: 11,
  13: 11,
  14: 11,
  21: 4,
};

export function unicornOracle(library: UnicornLibrary | undefined = loadUnicorn()): Oracle {
  const [major, minor] = library?.version ?? [];
  return {
    name: library ? `unicorn ${major}.${minor}` : 'unicorn',
    absent: absence(library),
    codeAddress,
    memoryAddress,
    memorySize,
    jumpDistance: 8,
    reservedSlots: [],
    lacks: ['zba', 'zbb', 'zbs', 'zicond'],
    run(cases) {
      if (!library) throw new OracleFault('libunicorn.so.2 is not installed', {});
      const hart = new Hart(library);
      try {
        return cases.map((each) => hart.run(each));
      } finally {
        hart.close();
      }
    },
  };
}

function absence(library: UnicornLibrary | undefined): string | undefined {
  if (!library) return 'libunicorn.so.2 is not installed (Debian package libunicorn2)';
  if (library.version[0] !== 2) return `libunicorn ${library.version.join('.')} is not version 2`;
  const hart = new Hart(library);
  try {
    return hart.probe()
      ? undefined
      : `libunicorn ${library.version.join('.')} numbers its registers otherwise`;
  } finally {
    hart.close();
  }
}

const numbers = Array.from({ length: 32 }, (_, n) => n);

class Hart {
  readonly #library: UnicornLibrary;
  readonly #engine: unknown;
  readonly #word = Buffer.alloc(8);

  constructor(library: UnicornLibrary) {
    const engine: unknown[] = [null];
    this.#library = library;
    this.#check(library.open(riscv64.architecture, riscv64.mode, engine), 'uc_open');
    this.#engine = engine[0];
    for (const address of [codeAddress, scratchAddress, memoryAddress - (memoryAddress % BigInt(pageSize))])
      this.#check(library.map(this.#engine, address, pageSize, allPermissions), 'uc_mem_map');
    this.#setUp(setUp.turnOnFloat, 0x6000n);
    this.#setUp(setUp.setReturn, codeAddress);
    this.#setUp(setUp.clearMode, 0x1800n);
    this.#setUp(setUp.dropToUser, 0n);
  }

  close(): void {
    this.#library.close(this.#engine);
  }

  /** Whether this library's registers have the numbers that we know. */
  probe(): boolean {
    this.#write(register.f + 31, 0x0123_4567_89ab_cdefn);
    this.#setUp(setUp.readFloat, 0n);
    return (
      this.#read(register.x + 5) === 0x0123_4567_89ab_cdefn && this.#read(register.pc) === setUpAddress + 4n
    );
  }

  run({ code, state, memory }: OracleCase): OracleOutcome {
    this.#setUp(setUp.endReservation, scratchAddress);
    this.#setUp(setUp.setStatus, (state.get('fflags') ?? 0n) | ((state.get('frm') ?? 0n) << 5n));
    for (const n of numbers) {
      if (n > 0) this.#write(register.x + n, state.get(`x${n}`) ?? 0n);
      this.#write(register.f + n, state.get(`f${n}`) ?? 0n);
    }
    this.#check(this.#library.write(this.#engine, memoryAddress, memory, memory.length), 'uc_mem_write');
    const error = this.#execute(codeAddress, code);
    return { ...this.#outcome(error, code), ...this.#state(memory.length) };
  }

  #outcome(error: number, code: Uint8Array): Pick<OracleOutcome, 'kind' | 'signal'> {
    if (error !== 0) {
      const signal = signals[error];
      if (signal === undefined) throw new OracleFault(`unicorn stopped with error ${error}`, { error });
      return { kind: 'trapped', signal };
    }
    const pc = this.#read(register.pc);
    return { kind: pc === codeAddress + BigInt(code.length) ? 'completed' : 'jumped' };
  }

  #state(memoryLength: number): Pick<OracleOutcome, 'state' | 'memory'> {
    const state = new Map<string, bigint>();
    for (const n of numbers) {
      if (n > 0) state.set(`x${n}`, this.#read(register.x + n));
      state.set(`f${n}`, this.#read(register.f + n));
    }
    const memory = new Uint8Array(memoryLength);
    this.#check(this.#library.read(this.#engine, memoryAddress, memory, memoryLength), 'uc_mem_read');
    this.#setUp(setUp.getStatus, 0n);
    const status = this.#read(register.x + 5);
    state.set('fflags', status & 31n);
    state.set('frm', status >> 5n);
    return { state, memory };
  }

  /** Runs one of the set-up instructions, which must succeed. */
  #setUp(instruction: number, x5: bigint): void {
    this.#write(register.x + 5, x5);
    const code = Buffer.alloc(4);
    code.writeUInt32LE(instruction);
    this.#check(this.#execute(setUpAddress, code), `set-up instruction 0x${instruction.toString(16)}`);
  }

  #execute(address: bigint, code: Uint8Array): number {
    this.#check(this.#library.write(this.#engine, address, code, code.length), 'uc_mem_write');
    this.#check(this.#library.forget(this.#engine, address), 'uc_ctl');
    return this.#library.start(this.#engine, address, nowhere, 0n, 1);
  }

  #write(id: number, value: bigint): void {
    this.#word.writeBigUInt64LE(value);
    this.#check(this.#library.writeRegister(this.#engine, id, this.#word), 'uc_reg_write');
  }

  #read(id: number): bigint {
    this.#check(this.#library.readRegister(this.#engine, id, this.#word), 'uc_reg_read');
    return this.#word.readBigUInt64LE();
  }

  #check(error: number, what: string): void {
    if (error !== 0) throw new OracleFault(`${what} failed with error ${error}`, { error });
  }
}

import {
  type Oracle,
  type OracleCase,
  OracleFault,
  type OracleOutcome,
} from '../../../application/ports/oracle.ts';
import { state } from '../../../domain/isa/riscv64/state.ts';
import { unicornKnownDifferences } from './known-differences.ts';
import { loadUnicorn, RegisterBlock, type UnicornLibrary } from './unicorn-library.ts';

/**
 * Unicorn (libunicorn 2, through koffi) as oracle for single instructions. It starts in machine mode; the set-up turns
 * the floating-point unit on and drops to user mode. Unicorn 2.0 descends from qemu 5: where it agrees with
 * qemu-user, the two are one witness.
 */
const codeAddress = 0x10000n;
const setUpAddress = codeAddress + 0x800n;
const endReservationAddress = codeAddress + 0x900n;
const memoryAddress = 0x2800n;
const scratchAddress = 0x200000n;
const memorySize = 256;
const pageSize = 4096;
const nowhere = 0x7fff_0000n;

const riscv64 = { architecture: 8, mode: 8 } as const;
const allPermissions = 7;
/** Register numbers of libunicorn 2.0; checked by `probe`. */
const register = { x: 1, fcsr: 43, f: 158, pc: 190 } as const;

/** x5 is the operand of every one of these. */
const setUp = {
  turnOnFloat: 0x3002a073, // csrs mstatus, x5
  setReturn: 0x34129073, // csrw mepc, x5
  clearMode: 0x3002b073, // csrc mstatus, x5
  dropToUser: 0x30200073, // mret
  endReservation: 0x1802a02f, // sc.w x0, x0, (x5)
  readFloat: 0xe20f82d3, // fmv.x.d x5, f31
  readStatus: 0x003022f3, // csrr x5, fcsr
  showCounters: 0x30629073, // csrw mcounteren, x5
} as const;

/** UC_ERR_FETCH_UNMAPPED: a jump went where there is no code. */
const noCode = 8;
/** uc_err, by the signal that Linux would send. */
const signals: Readonly<Record<number, number>> = {
  6: 11,
  7: 11,
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
    jumpDistance: undefined,
    reservedSlots: [],
    lacks: ['zba', 'zbb', 'zbs', 'zicond'],
    showsCalls: false,
    known: unicornKnownDifferences(codeAddress, memoryAddress, memorySize),
    knownFor: ['unicorn 2.0'],
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

const { layout } = state;
/** fcsr lies behind the state block. */
const fcsrOffset = layout.size;
const registers = [
  ...state.x.slice(1).map(({ offset }, n) => ({ number: register.x + n + 1, offset })),
  ...state.f.map(({ offset }, n) => ({ number: register.f + n, offset })),
  { number: register.fcsr, offset: fcsrOffset },
];

class Hart {
  readonly #library: UnicornLibrary;
  readonly #engine: unknown;
  readonly #word = Buffer.alloc(8);
  readonly #registers = new RegisterBlock(registers, layout.size + 8);

  constructor(library: UnicornLibrary) {
    const engine: unknown[] = [null];
    this.#library = library;
    this.#check(library.open(riscv64.architecture, riscv64.mode, engine), 'uc_open');
    this.#engine = engine[0];
    for (const address of [codeAddress, scratchAddress, memoryAddress - (memoryAddress % BigInt(pageSize))])
      this.#check(library.map(this.#engine, address, pageSize, allPermissions), 'uc_mem_map');
    this.#setUp(setUp.turnOnFloat, 0x6000n);
    this.#setUp(setUp.showCounters, 7n);
    this.#setUp(setUp.setReturn, codeAddress);
    this.#setUp(setUp.clearMode, 0x1800n);
    this.#setUp(setUp.dropToUser, 0n);
    this.#write(endReservationAddress, wordOf(setUp.endReservation));
  }

  close(): void {
    this.#library.close(this.#engine);
  }

  /** Whether this library's registers have the numbers that we know. */
  probe(): boolean {
    this.#writeRegister(register.f + 31, 0x0123_4567_89ab_cdefn);
    this.#writeRegister(register.fcsr, 0x45n);
    this.#setUp(setUp.readFloat, 0n);
    const float = this.#readRegister(register.x + 5);
    const pc = this.#readRegister(register.pc);
    this.#setUp(setUp.readStatus, 0n);
    const status = this.#readRegister(register.x + 5);
    return float === 0x0123_4567_89ab_cdefn && pc === setUpAddress + 4n && status === 0x45n;
  }

  run({ code, cpu, memory }: OracleCase): OracleOutcome {
    this.#writeRegister(register.x + 5, scratchAddress);
    this.#check(this.#start(endReservationAddress), 'ending the reservation');
    const { bytes } = this.#registers;
    bytes.set(cpu);
    bytes[fcsrOffset] = cpu[state.fflags.offset]! | (cpu[state.frm.offset]! << 5);
    this.#batch('writeRegisters');
    this.#write(memoryAddress, memory);
    this.#write(codeAddress, code);
    this.#check(this.#library.forget(this.#engine, codeAddress), 'uc_ctl');
    const error = this.#start(codeAddress);
    return { ...this.#outcome(error, code), ...this.#state(cpu, memory.length) };
  }

  #outcome(error: number, code: Uint8Array): Pick<OracleOutcome, 'kind' | 'signal' | 'target'> {
    if (error !== 0 && error !== noCode) {
      const signal = signals[error];
      if (signal === undefined) throw new OracleFault(`unicorn stopped with error ${error}`, { error });
      return { kind: 'trapped', signal };
    }
    const pc = this.#readRegister(register.pc);
    return pc === codeAddress + BigInt(code.length) ? { kind: 'completed' } : { kind: 'jumped', target: pc };
  }

  #state(asked: Uint8Array, memoryLength: number): Pick<OracleOutcome, 'cpu' | 'memory'> {
    const { bytes } = this.#registers;
    bytes.set(asked);
    this.#batch('readRegisters');
    const cpu = bytes.slice(0, layout.size);
    const status = bytes[fcsrOffset]!;
    cpu[state.fflags.offset] = status & 31;
    cpu[state.frm.offset] = status >> 5;
    const memory = new Uint8Array(memoryLength);
    this.#check(this.#library.read(this.#engine, memoryAddress, memory, memoryLength), 'uc_mem_read');
    return { cpu, memory };
  }

  #batch(which: 'readRegisters' | 'writeRegisters'): void {
    const { numbers, places, count } = this.#registers;
    this.#check(this.#library[which](this.#engine, numbers, places, count), `uc_reg ${which}`);
  }

  /** Runs one of the set-up instructions, which must succeed. */
  #setUp(instruction: number, x5: bigint): void {
    this.#writeRegister(register.x + 5, x5);
    this.#write(setUpAddress, wordOf(instruction));
    this.#check(this.#library.forget(this.#engine, setUpAddress), 'uc_ctl');
    this.#check(this.#start(setUpAddress), `set-up instruction 0x${instruction.toString(16)}`);
  }

  #start(address: bigint): number {
    return this.#library.start(this.#engine, address, nowhere, 0n, 1);
  }

  #write(address: bigint, bytes: Uint8Array): void {
    this.#check(this.#library.write(this.#engine, address, bytes, bytes.length), 'uc_mem_write');
  }

  #writeRegister(id: number, value: bigint): void {
    this.#word.writeBigUInt64LE(value);
    this.#check(this.#library.writeRegister(this.#engine, id, this.#word), 'uc_reg_write');
  }

  #readRegister(id: number): bigint {
    this.#check(this.#library.readRegister(this.#engine, id, this.#word), 'uc_reg_read');
    return this.#word.readBigUInt64LE();
  }

  #check(error: number, what: string): void {
    if (error !== 0) throw new OracleFault(`${what} failed with error ${error}`, { error });
  }
}

function wordOf(instruction: number): Uint8Array {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(instruction);
  return word;
}

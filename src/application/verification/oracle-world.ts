import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { EngineMachine, ExecutionEngine, Stop } from '../ports/execution-engine.ts';
import { pageSize, permission } from '../ports/guest-memory.ts';
import type { Oracle, OracleCase, OracleOutcome } from '../ports/oracle.ts';

/** What an engine makes of an oracle's case; `elsewhere`: it jumped to where the oracle cannot look. */
export interface EngineOutcome extends Omit<OracleOutcome, 'kind'> {
  readonly kind: OracleOutcome['kind'] | 'elsewhere';
  readonly stop: Stop;
}

/** The signals that Linux sends. */
const signals = { illegal: 4, trap: 5, bus: 7, segv: 11 } as const;
const wasmPage = 0x1_0000;

/** An engine's machine that sees what an oracle sees: a page of code, and the page that holds the memory window. */
export class OracleWorld {
  readonly #oracle: Oracle;
  readonly #machine: EngineMachine;
  readonly #pc: number;
  #placed: Uint8Array | undefined;

  constructor(isa: InstructionSet, engine: ExecutionEngine, oracle: Oracle) {
    const end = Math.max(
      Number(oracle.memoryAddress) + oracle.memorySize,
      Number(oracle.codeAddress) + pageSize,
    );
    const memorySize = Math.ceil(end / wasmPage) * wasmPage;
    this.#machine = engine.createMachine({ isa, memorySize, counters: { timeAt: BigInt } });
    this.#oracle = oracle;
    this.#pc = isa.layout.pc.offset;
    const { memory } = this.#machine;
    memory.map(Number(oracle.codeAddress), pageSize, permission.read | permission.execute);
    memory.map(
      Math.floor(Number(oracle.memoryAddress) / pageSize) * pageSize,
      pageSize,
      permission.read | permission.write,
    );
  }

  run({ code, cpu, memory: given }: OracleCase): EngineOutcome {
    const { codeAddress, memoryAddress, memorySize } = this.#oracle;
    const { memory } = this.#machine;
    if (this.#placed !== code) {
      memory.write(Number(codeAddress), code, permission.execute);
      this.#placed = code;
    }
    memory.write(Number(memoryAddress), given);
    this.#machine.cpu.set(cpu);
    this.#machine.icount = 0;
    const stop = this.#machine.run(1);
    return {
      stop,
      ...this.#end(stop, code.length),
      cpu: this.#machine.cpu.slice(),
      memory: memory.read(Number(memoryAddress), memorySize) as Uint8Array,
    };
  }

  #end(stop: Stop, length: number): Pick<EngineOutcome, 'kind' | 'signal' | 'target'> {
    if (stop.reason === 'trap')
      return { kind: 'trapped', signal: stop.cause === 'breakpoint' ? signals.trap : signals.illegal };
    if (stop.reason === 'fault')
      return { kind: 'trapped', signal: stop.fault.kind === 'misaligned' ? signals.bus : signals.segv };
    if (stop.reason === 'syscall') return { kind: 'called' };
    const { cpu } = this.#machine;
    const { codeAddress, jumpDistance } = this.#oracle;
    const pc = new DataView(cpu.buffer, cpu.byteOffset).getBigUint64(this.#pc, true);
    if (pc === codeAddress + BigInt(length)) return { kind: 'completed' };
    if (jumpDistance === undefined) return { kind: 'jumped', target: pc };
    return { kind: pc === codeAddress + BigInt(jumpDistance) ? 'jumped' : 'elsewhere' };
  }
}

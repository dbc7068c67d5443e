import type {
  EngineMachine,
  EngineMachineOptions,
  Stop,
} from '../../../application/ports/execution-engine.ts';
import { permission } from '../../../application/ports/guest-memory.ts';
import type { Stops } from '../../../application/ports/stops.ts';
import { evaluateBlock, type EvaluationContext, type MemoryFault } from '../../../domain/ir/evaluator.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import { type CacheOccupancy, occupancyOf } from '../../../domain/translation-cache/statistics.ts';
import { control } from '../memory/control-memory.ts';
import type { EffectMarks } from '../memory/effect-marks.ts';
import { EngineFault } from '../memory/engine-fault.ts';
import { FlatMemory } from '../memory/flat-memory.ts';
import { CpuState } from './cpu-state.ts';
import { InstructionSource, type LiftedInstruction } from './instruction-source.ts';
import { StopPoints } from './stop-points.ts';

/**
 * A machine that executes by evaluating IR, one instruction at a time: the reference. Other engines borrow its
 * `step` for whatever must be exact and is rare.
 */
export class GoldenMachine implements EngineMachine {
  readonly memory: FlatMemory;
  readonly cpu: Uint8Array;
  icount = 0;
  readonly source: InstructionSource;
  readonly stopPoints = new StopPoints();
  readonly #state: CpuState;
  readonly #context: EvaluationContext;
  readonly #pc;

  /** `marks`: where what it does is marked. */
  constructor({ isa, memorySize, counters }: EngineMachineOptions, marks?: EffectMarks) {
    if (isa.layout.size > control.sliceEnd)
      throw new EngineFault('state-too-large', `a vCPU state of ${isa.layout.size} bytes is too large`);
    this.memory = new FlatMemory(memorySize, marks);
    this.cpu = new Uint8Array(this.memory.control.buffer, control.cpu, isa.layout.size);
    this.source = new InstructionSource(isa, this.memory);
    this.#state = new CpuState(this.cpu);
    this.#pc = isa.layout.pc;
    this.#context = {
      readSlot: (slot) => this.#state.read(slot),
      writeSlot: (slot, value) => this.#state.write(slot, value),
      load: (address, size) => this.#load(address, size),
      store: (address, size, value) => this.#store(address, size, value),
      counter: (counter, before) => {
        const retired = this.icount + before;
        return counter === 'time' ? BigInt.asUintN(64, counters.timeAt(retired)) : BigInt(retired);
      },
    };
  }

  /** It translates nothing. */
  get occupancy(): CacheOccupancy {
    return occupancyOf([]);
  }

  get stops(): Stops {
    return this.stopPoints.stops;
  }
  set stops(stops: Stops) {
    if (stops.memory !== this.stops.memory) this.memory.watch(stops.memory);
    this.stopPoints.stops = stops;
  }

  systemWrote(registers: readonly string[]): void {
    this.memory.marks?.systemWrote(registers);
    for (const register of registers)
      if (this.stopPoints.watches(register, 'write')) this.memory.watched.see({ access: 'write', register });
  }

  run(until: number): Stop {
    while (this.icount < until) {
      const stop = this.step();
      if (stop) return stop;
    }
    return { reason: 'limit' };
  }

  /** Executes one instruction, unless there is a breakpoint; gives a stop unless execution just goes on. */
  step(): Stop | undefined {
    const pc = this.#state.read(this.#pc);
    if (this.stopPoints.breaksAt(pc, this.icount)) return { reason: 'breakpoint' };
    const instruction = this.source.fetch(pc);
    if (instruction === 'illegal') return { reason: 'trap', cause: 'illegal-instruction' };
    if (!('block' in instruction)) return { reason: 'fault', fault: instruction };
    this.memory.marks?.step(Number(pc), instruction);
    const before = this.icount;
    const stop = this.evaluate(instruction.block, pc);
    return stop ?? this.#watched(instruction, pc, this.icount - before);
  }

  /** Executes the block that begins at `pc`; gives a stop unless execution just goes on. */
  evaluate(block: IrBlock, pc: bigint): Stop | undefined {
    const exit = evaluateBlock(block, pc, this.#context);
    this.icount += exit.retired;
    this.#state.write(this.#pc, exit.pc);
    switch (exit.kind) {
      case 'continue':
      case 'fence-instruction':
        return undefined;
      case 'syscall':
        return { reason: 'syscall' };
      case 'trap':
        return { reason: 'trap', cause: exit.cause };
      case 'fault':
        this.memory.takeAccesses();
        return { reason: 'fault', fault: exit.fault };
    }
  }

  /** The watchpoint that the instruction just executed has met. */
  #watched(instruction: LiftedInstruction, pc: bigint, retired: number): Stop | undefined {
    const { memory, registers, from } = this.stops;
    if (memory.length === 0 && registers.length === 0) return undefined;
    const accesses = [...this.memory.takeAccesses(), ...this.stopPoints.registerAccesses(instruction)];
    return accesses.length > 0 && this.icount - retired >= from
      ? { reason: 'watchpoint', pc, accesses }
      : undefined;
  }

  #load(address: bigint, size: number): bigint | MemoryFault {
    const fault = this.#fault(address, size, permission.read, 'load');
    if (fault) return fault;
    this.memory.watched.note('read', Number(address), size);
    let value = 0n;
    for (let at = size - 1; at >= 0; at--)
      value = (value << 8n) | BigInt(this.memory.bytes[Number(address) + at]!);
    return value;
  }

  #store(address: bigint, size: number, value: bigint): MemoryFault | undefined {
    const fault = this.#fault(address, size, permission.write, 'store');
    if (fault) return fault;
    const start = Number(address);
    this.memory.touch(start, size);
    this.memory.watched.note('write', start, size);
    for (let at = 0; at < size; at++)
      this.memory.bytes[start + at] = Number((value >> BigInt(8 * at)) & 0xffn);
    return undefined;
  }

  #fault(
    address: bigint,
    size: number,
    need: number,
    access: MemoryFault['access'],
  ): MemoryFault | undefined {
    // Beyond the flat memory nothing is mapped; numbers stay exact below.
    if (address >= BigInt(this.memory.size)) return { access, kind: 'unmapped', address };
    return this.memory.fault(Number(address), size, need, access);
  }
}

import type {
  EngineMachine,
  EngineMachineOptions,
  ExecutionEngine,
  Stop,
} from '../../../application/ports/execution-engine.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import { BlockBuilder } from '../../../domain/ir/builder.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import { optimise } from '../../../domain/ir/optimiser/optimise.ts';
import { pageBit } from '../memory/control-memory.ts';
import { GoldenMachine } from './golden-machine.ts';

/**
 * The golden evaluator on optimised IR: straight runs of instructions are joined into a block, optimised, and evaluated as
 * one. What it does differently from the reference, the optimiser did.
 */
export const optimisedEngine: ExecutionEngine = {
  name: 'golden:optimised',
  createMachine: (options) => new OptimisedMachine(options),
};

/** As the interpreter of the wasm engine cuts blocks. */
const maxInstructions = 64;

interface OptimisedBlock {
  readonly code: Uint8Array;
  readonly instructions: number;
  readonly ir: IrBlock;
}

class OptimisedMachine extends GoldenMachine implements EngineMachine {
  readonly #layout: EngineMachineOptions['isa']['layout'];
  readonly #alignment: bigint;
  readonly #view: DataView;
  /** By address, as the code was when it was optimised. */
  readonly #blocks = new Map<number, OptimisedBlock>();

  constructor(options: EngineMachineOptions) {
    super(options);
    this.#layout = options.isa.layout;
    this.#alignment = BigInt(options.isa.alignment);
    this.#view = new DataView(this.cpu.buffer, this.cpu.byteOffset, this.cpu.byteLength);
  }

  override run(until: number): Stop {
    const { pcs, memory, registers } = this.stops;
    if (pcs.size + memory.length + registers.length > 0) return super.run(until);
    while (this.icount < until) {
      const pc = this.#view.getBigUint64(this.#layout.pc.offset, true);
      const block = this.#blockAt(pc, until - this.icount);
      const stop = block ? this.evaluate(block.ir, pc) : this.step();
      if (stop) return stop;
    }
    return { reason: 'limit' };
  }

  /** Undefined where instructions must be taken one by one: the block is longer than `limit`, or the guest may write it. */
  #blockAt(pc: bigint, limit: number): OptimisedBlock | undefined {
    if (pc >= BigInt(this.memory.size) || pc % this.#alignment !== 0n) return undefined;
    const address = Number(pc);
    let block = this.#blocks.get(address);
    if (!block || !this.#unchanged(address, block.code)) {
      block = this.#optimise(address);
      if (!block) return undefined;
      this.#blocks.set(address, block);
    }
    return block.instructions <= limit && this.#isConstant(address, block.code.length) ? block : undefined;
  }

  #unchanged(address: number, code: Uint8Array): boolean {
    const { bytes } = this.memory;
    for (let at = 0; at < code.length; at++) if (bytes[address + at] !== code[at]) return false;
    return true;
  }

  /** Whether the guest may execute all of it and write none of it. */
  #isConstant(address: number, length: number): boolean {
    const { mapped, execute, write } = pageBit;
    for (let page = Math.floor(address / pageSize); page * pageSize < address + length; page++)
      if ((this.memory.flags[page]! & (mapped | execute | write)) !== (mapped | execute)) return false;
    return true;
  }

  #optimise(address: number): OptimisedBlock | undefined {
    const ir = new BlockBuilder(this.#layout);
    let [at, instructions] = [address, 0];
    while (instructions < maxInstructions && !ir.closed && at < this.memory.size) {
      const lifted = this.source.decode(at);
      if (typeof lifted === 'string') break;
      ir.instruction(lifted.decoded.length);
      lifted.decoded.lift(ir);
      at += lifted.decoded.length;
      instructions++;
    }
    if (instructions === 0) return undefined;
    return { code: this.memory.bytes.slice(address, at), instructions, ir: optimise(ir.finish()) };
  }
}

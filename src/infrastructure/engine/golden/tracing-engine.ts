import type {
  EngineMachine,
  EngineMachineOptions,
  ExecutionEngine,
  Stop,
} from '../../../application/ports/execution-engine.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import { GoldenMachine } from './golden-machine.ts';

/** Receives each block when it is first entered, and again after its code may have changed. */
export type BlockListener = (address: number, code: Uint8Array) => void;

/** As the interpreter of the wasm engine cuts blocks. */
const maxInstructions = 64;

/** The reference engine, telling which blocks are executed: straight runs of instructions, up to the first that goes elsewhere. */
export const tracingEngine = (onBlock: BlockListener): ExecutionEngine => ({
  name: 'golden',
  createMachine: (options) => new TracingMachine(options, onBlock),
});

class TracingMachine extends GoldenMachine implements EngineMachine {
  readonly #onBlock: BlockListener;
  readonly #pcSlot: EngineMachineOptions['isa']['layout']['pc'];
  readonly #view: DataView;
  /** For each instruction within a known block but its last, the address of the next one. */
  readonly #following = new Map<number, number>();
  readonly #entered = new Set<number>();
  #expected: number | undefined;

  constructor(options: EngineMachineOptions, onBlock: BlockListener) {
    super(options);
    this.#onBlock = onBlock;
    this.#pcSlot = options.isa.layout.pc;
    this.#view = new DataView(this.cpu.buffer, this.cpu.byteOffset, this.cpu.byteLength);
    this.memory.onCodeChange = () => {
      this.#entered.clear();
      this.#following.clear();
    };
  }

  override run(until: number): Stop {
    // Whoever goes on within a block, after its turn was over, does not begin another one.
    const resumed = this.#pc();
    if (this.#following.has(resumed)) this.#expected = resumed;
    while (this.icount < until) {
      const pc = this.#pc();
      if (pc !== this.#expected) this.#enter(pc);
      const stop = this.step();
      if (stop) {
        this.#expected = undefined;
        return stop;
      }
      this.#expected = this.#following.get(pc);
    }
    return { reason: 'limit' };
  }

  #pc = (): number => Number(this.#view.getBigUint64(this.#pcSlot.offset, true));

  #enter(address: number): void {
    if (this.#entered.has(address) || address >= this.memory.size) return;
    this.#entered.add(address);
    let at = address;
    for (let count = 0; count < maxInstructions; count++) {
      const lifted = at < this.memory.size ? this.source.decode(at) : 'truncated';
      if (typeof lifted === 'string') break;
      const from = at;
      at += lifted.decoded.length;
      if (lifted.block.nodes.at(-1)!.op !== 'next' || count === maxInstructions - 1) break;
      this.#following.set(from, at);
    }
    for (let page = Math.floor(address / pageSize); page * pageSize < at; page++)
      this.memory.setHasCode(page, true);
    if (at > address) this.#onBlock(address, this.memory.bytes.slice(address, at));
  }
}

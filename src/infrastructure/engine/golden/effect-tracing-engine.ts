import type { EffectListener, RegisterEffect } from '../../../application/ports/effect-trace.ts';
import type {
  EngineMachineOptions,
  ExecutionEngine,
  Stop,
} from '../../../application/ports/execution-engine.ts';
import type { AccessKind } from '../../../application/ports/stops.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import type { Slot } from '../../../domain/ir/types.ts';
import { CpuState } from './cpu-state.ts';
import { GoldenMachine } from './golden-machine.ts';

/** The reference engine, telling a listener what every instruction reads and writes. */
export const effectTracingEngine = (listener: () => EffectListener | undefined): ExecutionEngine => ({
  name: 'golden',
  createMachine: (options) => new EffectTracingMachine(options, listener),
});

interface SlotUse {
  readonly access: AccessKind;
  readonly slot: Slot;
}

interface Access {
  readonly access: AccessKind;
  readonly address: number;
  readonly before: Uint8Array;
}

class EffectTracingMachine extends GoldenMachine {
  readonly #whoListens: () => EffectListener | undefined;
  readonly #state: CpuState;
  readonly #pc: Slot<'i64'>;
  readonly #uses = new WeakMap<IrBlock, readonly SlotUse[]>();
  #executing = false;
  /** Of the instruction that executes. */
  #made: Access[] = [];

  constructor(options: EngineMachineOptions, listener: () => EffectListener | undefined) {
    super(options);
    this.#whoListens = listener;
    this.#state = new CpuState(this.cpu);
    this.#pc = options.isa.layout.pc;
    this.memory.watched.onAccess = (access, address, length) => {
      if (this.#listener !== undefined) this.#accessed(access, address, length);
    };
  }

  get #listener(): EffectListener | undefined {
    const listener = this.#whoListens();
    return listener?.listens === true ? listener : undefined;
  }

  override run(until: number): Stop {
    const listener = this.#listener;
    listener?.resumed(this.icount, this.cpu);
    const stop = super.run(until);
    listener?.suspended(this.cpu);
    return stop;
  }

  override step(): Stop | undefined {
    const listener = this.#listener;
    if (listener === undefined) return super.step();
    const pc = this.#state.read(this.#pc);
    const instruction = this.source.fetch(pc);
    if (typeof instruction === 'string' || !('block' in instruction)) return super.step();
    const { icount } = this;
    const uses = this.#usesOf(instruction.block);
    const before = uses.map(({ slot }) => this.#state.read(slot));
    this.#made = [];
    this.#executing = true;
    const stop = super.step();
    this.#executing = false;
    if (this.icount === icount) return stop;
    const registers = uses.map(({ access, slot }, at): RegisterEffect => {
      const after = access === 'write' ? this.#state.read(slot) : before[at]!;
      return { access, register: slot.name, before: before[at]!, after };
    });
    const memory = this.#made.map((made) => ({
      ...made,
      after: made.access === 'write' ? this.#bytes(made.address, made.before.length) : made.before,
    }));
    listener.retired({ icount, pc, decoded: instruction.decoded, registers, memory });
    return stop;
  }

  #accessed(access: AccessKind, address: number, length: number): void {
    const before = this.#bytes(address, length);
    if (this.#executing) this.#made.push({ access, address, before });
    else {
      const { memory } = this;
      const now = () => this.#bytes(address, length);
      this.#listener?.systemAccess({ access, address, before, memory, now });
    }
  }

  #bytes(address: number, length: number): Uint8Array {
    return this.memory.bytes.slice(address, address + length);
  }

  /** The slots that an instruction reads, then those that it writes; each once. */
  #usesOf(block: IrBlock): readonly SlotUse[] {
    let uses = this.#uses.get(block);
    if (uses === undefined) this.#uses.set(block, (uses = slotUses(block)));
    return uses;
  }
}

function slotUses({ nodes, layout }: IrBlock): readonly SlotUse[] {
  const read = new Set<Slot>();
  const written = new Set<Slot>();
  for (const node of nodes)
    if (node.op === 'read') read.add(node.attr.slot);
    else if (node.op === 'write') written.add(node.attr.slot);
    else if (node.op === 'raise') written.add(layout.fpExceptions);
  return [
    ...[...read].map((slot) => ({ access: 'read', slot }) as const),
    ...[...written].map((slot) => ({ access: 'write', slot }) as const),
  ];
}

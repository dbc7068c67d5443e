import type { EngineMachine } from '../../src/application/ports/execution-engine.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import type { TranslationCacheEvent } from '../../src/domain/translation-cache/events.ts';
import { KeptRegions } from '../../src/infrastructure/engine/wasm/cache/kept-regions.ts';
import { RegionFiles } from '../../src/infrastructure/engine/wasm/cache/region-files.ts';
import { wasmEngineWith, type WasmEngineOptions } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';

/** A guest of small functions, whose regions one process keeps and another one finds. */

export const code = 0x1_0000;
export const codePages = 2;
/** Where functions return to. */
const home = code + 0x1ff0;
export const identity = 'the identity of these tests';

export const addressOf = (number: number): number => code + number * 64;

/** Adds `step` to a0 in a loop of ten rounds, and then `more`, which lies behind what a file is found by. */
export const functionOf = (step: number, more = 0): string =>
  `li t0, 10\nagain: addi a0, a0, ${step}\naddi t0, t0, -1\nbnez t0, again\nnop\naddi a0, a0, ${more}\nret`;

/** One process's part of the regions in a directory. */
export function keeping(directory: string, options: WasmEngineOptions = {}) {
  const kept = new KeptRegions(new RegionFiles(directory, identity));
  const engine = wasmEngineWith({ hotLimit: 0, kept: () => kept, ...options });
  return { kept, engine };
}

export class KeptGuest {
  readonly machine: EngineMachine;
  readonly events: TranslationCacheEvent[] = [];

  constructor({ engine }: Pick<ReturnType<typeof keeping>, 'engine'>) {
    this.machine = engine.createMachine({
      isa: riscv64,
      memorySize: 1 << 20,
      counters: { timeAt: () => 0n },
      onTranslation: (event) => this.events.push(event),
    });
    this.machine.memory.map(code, codePages * 0x1000, 7);
    this.placeAt(home, 'ecall');
  }

  placeAt(at: number, source: string): void {
    const assembled = assemble(source, { isa: riscv64, origin: BigInt(at) });
    if (!assembled.ok) throw new Error(assembled.error.map(({ message }) => message).join('\n'));
    const fault = this.machine.memory.write(at, assembled.value.bytes);
    if (fault) throw new Error(`no code at ${at}: ${fault.kind}`);
  }

  place(number: number, source = functionOf(number)): void {
    this.placeAt(addressOf(number), source);
  }

  /** Calls a function from outside, for so many instructions at most; gives why it stopped. */
  run(number: number, limit = 1000) {
    const view = new DataView(this.machine.cpu.buffer, this.machine.cpu.byteOffset);
    view.setBigUint64(state.x[1]!.offset, BigInt(home), true);
    view.setBigUint64(state.x[10]!.offset, 0n, true);
    view.setBigUint64(state.pc.offset, BigInt(addressOf(number)), true);
    return this.machine.run(this.machine.icount + limit);
  }

  /** What a function adds. */
  call(number: number): bigint {
    const { reason } = this.run(number);
    if (reason !== 'syscall') throw new Error(`function ${number} stopped by ${reason}`);
    return new DataView(this.machine.cpu.buffer, this.machine.cpu.byteOffset).getBigUint64(
      state.x[10]!.offset,
      true,
    );
  }

  /** How the regions at a function's entry came to be, in order. */
  regionsOf(number: number): readonly string[] {
    return this.events.flatMap((event) => {
      if (!('address' in event) || event.address !== addressOf(number)) return [];
      if (event.type === 'RegionRestored') return [event.optimised ? 'optimised' : 'restored'];
      if (event.type === 'RegionTranslated') return [event.found ? 'known' : 'translated'];
      return event.type === 'TranslationDropped' && event.tier === 'region' ? [event.reason] : [];
    });
  }
}

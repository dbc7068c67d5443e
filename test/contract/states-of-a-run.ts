import type { ExecutionEngine, Stop } from '../../src/application/ports/execution-engine.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import type { TranslationCacheEvent } from '../../src/domain/translation-cache/events.ts';

const code = 0x1_0000;
/** Two pages that the program may read and write; the first begins with the addresses of the labels. */
export const table = 0x2_0000;
export const stack = table + 0x2000;

export interface RunOfProgram {
  /** After each slice: the instruction count, and the vCPU's state in hexadecimal. */
  readonly states: readonly string[];
  readonly stop: Stop;
  readonly events: readonly TranslationCacheEvent[];
}

/** Runs a program to its end, in slices of so many instructions. `labels`: of the places that the table has. */
export function runOf(
  engine: ExecutionEngine,
  source: string,
  slice: number,
  labels: readonly string[] = [],
): RunOfProgram {
  const events: TranslationCacheEvent[] = [];
  const machine = engine.createMachine({
    isa: riscv64,
    memorySize: 1 << 20,
    counters: { timeAt: () => 0n },
    onTranslation: (event) => events.push(event),
  });
  machine.memory.map(code, 0x2000, 5);
  machine.memory.map(table, 0x2000, 3);
  const result = assemble(source, { isa: riscv64, origin: BigInt(code) });
  if (!result.ok) throw new Error(result.error.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const { bytes, symbols } = result.value;
  machine.memory.write(code, bytes, 0);
  const places = new BigUint64Array(labels.map((label) => symbols.get(label)!));
  machine.memory.write(table, new Uint8Array(places.buffer));
  const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  view.setBigUint64(state.pc.offset, BigInt(code), true);
  const states: string[] = [];
  for (;;) {
    const stop = machine.run(machine.icount + slice);
    states.push(`${machine.icount} ${Buffer.from(machine.cpu).toString('hex')}`);
    if (stop.reason !== 'limit') return { states, events, stop };
  }
}

import type { EngineMachine, ExecutionEngine } from '../../src/application/ports/execution-engine.ts';
import { permission } from '../../src/application/ports/guest-memory.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { randomInteger } from './random-guest-code.ts';
import { dataAddress, randomIrIsa } from './random-ir-isa.ts';

const codeAddress = 0x1000;
const statesPerBlock = 8;

const machineOf = (engine: ExecutionEngine): EngineMachine => {
  const machine = engine.createMachine({
    isa: randomIrIsa,
    memorySize: 0x10000,
    counters: { timeAt: BigInt },
  });
  machine.memory.map(codeAddress, 0x1000, permission.read | permission.execute);
  machine.memory.map(Number(dataAddress), 0x1000, permission.read | permission.write);
  return machine;
};

/** Runs `blocks` blocks of up to four instructions of random IR on either engine; gives the first difference. */
export function differenceOnRandomIr(
  engine: ExecutionEngine,
  blocks: number,
  seed: number,
): string | undefined {
  const random = new Random(seed);
  const [right, tested] = [machineOf(goldenEngine), machineOf(engine)];
  for (let block = 0; block < blocks; block++) {
    const words = Uint32Array.from({ length: 2 + random.below(4) }, () => 1 + random.below(2 ** 32 - 1)).with(
      -1,
      0,
    );
    const code = new Uint8Array(words.buffer);
    for (const { memory } of [right, tested]) memory.write(codeAddress, code, permission.execute);
    for (let at = 0; at < statesPerBlock; at++) {
      const given = state.x.slice(8, 11).map(() => randomInteger(random));
      for (const machine of [right, tested]) {
        run(machine, given, words.length);
      }
      const differing = [...state.layout.slots.values()].find(
        ({ offset, type }) => type === 'i64' && valueAt(right, offset) !== valueAt(tested, offset),
      );
      if (differing)
        return `${Array.from(words, String).join(' ')} on ${given.map((value) => `0x${value.toString(16)}`).join(', ')}: ${differing.name} is 0x${valueAt(tested, differing.offset).toString(16)}, not 0x${valueAt(right, differing.offset).toString(16)}`;
    }
  }
  return undefined;
}

function run(machine: EngineMachine, given: readonly bigint[], instructions: number): void {
  machine.cpu.fill(0);
  const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  view.setBigUint64(state.pc.offset, BigInt(codeAddress), true);
  for (const [at, value] of given.entries()) view.setBigUint64(state.x[8 + at]!.offset, value, true);
  machine.icount = 0;
  machine.run(instructions);
}

const valueAt = ({ cpu }: EngineMachine, offset: number): bigint =>
  new DataView(cpu.buffer, cpu.byteOffset).getBigUint64(offset, true);

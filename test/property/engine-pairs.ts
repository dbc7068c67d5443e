import type { EngineMachine, ExecutionEngine, Stop } from '../../src/application/ports/execution-engine.ts';
import { pageSize } from '../../src/application/ports/guest-memory.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmModes } from '../engine-modes.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { bytesOf, randomBlock, randomFloat, randomInteger, type Word } from './random-guest-code.ts';

/** Runs random (block, state) pairs on the golden and the wasm engine and compares everything a guest can see. */
export const memorySize = 1 << 20;
const code = 0x1_0000;
const codePages = 4;
const slot = 256;
/** Data: two writable pages, one read-only, a hole, a writable one, one without access; and the top page. */
const data = 0x4_0000;
const edges = [data, data + 0x1000, data + 0x2000, data + 0x3000, data + 0x4000, data + 0x5000, memorySize];

export interface Difference {
  readonly seed: number;
  readonly what: string;
  readonly block: readonly string[];
}

interface Pair {
  readonly words: readonly Word[];
  readonly address: number;
  readonly cpu: Uint8Array;
  readonly limit: number;
}

class Side {
  readonly name: string;
  readonly machine: EngineMachine;
  readonly #clean = new Map<number, Uint8Array>();

  constructor(name: string, engine: ExecutionEngine) {
    this.name = name;
    const counters = { timeAt: (icount: number) => BigInt(icount) * 3n + 7n };
    this.machine = engine.createMachine({ isa: riscv64, memorySize, counters });
    const { memory } = this.machine;
    memory.map(code, codePages * pageSize, 7);
    memory.map(data, 2 * pageSize, 3);
    memory.map(data + 2 * pageSize, pageSize, 1);
    memory.map(data + 4 * pageSize, pageSize, 3);
    memory.map(data + 5 * pageSize, pageSize, 0);
    memory.map(memorySize - pageSize, pageSize, 3);
    for (let page = data / pageSize; page < data / pageSize + 6; page++)
      memory.setPages(
        page,
        Uint8Array.from({ length: pageSize }, (_, at) => (at * 7 + page) & 0xff),
      );
    memory.takeDirtyPages();
  }

  /** Makes the present contents what `restore` goes back to. */
  keep(): void {
    const { memory } = this.machine;
    memory.takeDirtyPages();
    this.#clean.clear();
    for (const page of memory.touchedPages()) this.#clean.set(page, memory.page(page).slice());
  }

  run({ address, cpu, limit }: Pair): { stop: Stop; icount: number; dirty: readonly number[] } {
    const { machine } = this;
    machine.cpu.set(cpu);
    new DataView(machine.cpu.buffer, machine.cpu.byteOffset).setBigUint64(
      state.pc.offset,
      BigInt(address),
      true,
    );
    machine.icount = 1000;
    const stop = machine.run(1000 + limit);
    return { stop, icount: machine.icount, dirty: machine.memory.takeDirtyPages() };
  }

  restore(dirty: readonly number[]): void {
    for (const page of dirty)
      this.machine.memory.setPages(page, this.#clean.get(page) ?? new Uint8Array(pageSize));
    this.machine.memory.takeDirtyPages();
  }
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `0x${part.toString(16)}` : part));

export class EnginePairs {
  readonly #golden = new Side('golden', goldenEngine);
  readonly #tiers: readonly Side[];

  /** `modes`: what is compared with the golden engine. */
  constructor(modes: readonly (readonly [name: string, engine: ExecutionEngine])[] = wasmModes) {
    this.#tiers = modes.map(([name, engine]) => new Side(name, engine));
  }

  /** Runs about `pairs` pairs from `seed`; gives the first difference, shrunk. */
  run(pairs: number, seed: number, statesPerBlock = 8): Difference | undefined {
    const blocksPerBatch = Math.min(codePages * (pageSize / slot), Math.ceil(pairs / statesPerBlock));
    for (let done = 0, batch = 0; done < pairs; batch++) {
      const batchSeed = (seed + batch * 0x9e3779b9) >>> 0;
      const random = new Random(batchSeed);
      const blocks = Array.from({ length: blocksPerBatch }, () => randomBlock(random, 12));
      this.#place(blocks);
      for (const [index, words] of blocks.entries())
        for (let state = 0; state < statesPerBlock && done < pairs; state++, done++) {
          const pair = this.#pair(random, words, code + index * slot);
          const what = this.#compare(pair);
          if (what !== undefined) return this.#shrunk(pair, what, batchSeed);
        }
    }
    return undefined;
  }

  #place(blocks: readonly (readonly Word[])[]): void {
    for (const side of [this.#golden, ...this.#tiers]) {
      blocks.forEach((words, index) => side.machine.memory.write(code + index * slot, bytesOf(words)));
      side.keep();
    }
  }

  #pair(random: Random, words: readonly Word[], address: number): Pair {
    const cpu = new Uint8Array(state.layout.size);
    const view = new DataView(cpu.buffer);
    for (let n = 1; n < 32; n++) {
      const near = BigInt(random.pick(edges) + random.below(33) - 24);
      const value = random.chance(45)
        ? near
        : random.chance(6)
          ? BigInt(address + 2 * random.below(24))
          : randomInteger(random);
      view.setBigUint64(state.x[n]!.offset, value, true);
    }
    for (const { offset } of state.f) view.setBigUint64(offset, randomFloat(random), true);
    view.setUint32(state.fflags.offset, random.chance(50) ? random.below(32) : 1, true);
    view.setUint8(state.frm.offset, random.chance(60) ? 0 : random.below(8));
    view.setBigUint64(
      state.reservation.offset,
      random.chance(50) ? 2n ** 64n - 1n : view.getBigUint64(state.x[8 + random.below(8)]!.offset, true),
      true,
    );
    return { words, address, cpu, limit: random.chance(30) ? random.below(16) : 64 };
  }

  /** What differs, or undefined. Memory is put back afterwards. */
  #compare(pair: Pair): string | undefined {
    const expected = this.#golden.run(pair);
    const expectedText = asText(expected);
    const differences = this.#tiers.map((side) => {
      const actual = side.run(pair);
      const actualText = asText(actual);
      const what =
        expectedText !== actualText
          ? `golden ${expectedText}, ${side.name} ${actualText}`
          : (this.#stateDifference(side) ?? this.#memoryDifference(side, expected.dirty));
      side.restore(actual.dirty);
      return what;
    });
    this.#golden.restore(expected.dirty);
    return differences.find((what) => what !== undefined);
  }

  #stateDifference(side: Side): string | undefined {
    const [expected, actual] = [this.#golden.machine.cpu, side.machine.cpu];
    if (Buffer.compare(expected, actual) === 0) return undefined;
    const differing = [...state.layout.slots.values()].filter(({ offset, type }) => {
      const size = type === 'i64' ? 8 : type === 'i32' ? 4 : 1;
      return (
        Buffer.compare(expected.subarray(offset, offset + size), actual.subarray(offset, offset + size)) !== 0
      );
    });
    const show = (from: Uint8Array, offset: number) =>
      Buffer.from(from.subarray(offset, offset + 8))
        .reverse()
        .toString('hex');
    return differing
      .map(
        ({ name, offset }) =>
          `${name}: golden ${show(expected, offset)}, ${side.name} ${show(actual, offset)}`,
      )
      .join('; ');
  }

  #memoryDifference(side: Side, dirty: readonly number[]): string | undefined {
    const differing = dirty.find(
      (page) => Buffer.compare(this.#golden.machine.memory.page(page), side.machine.memory.page(page)) !== 0,
    );
    return differing === undefined ? undefined : `page ${differing} differs between golden and ${side.name}`;
  }

  /** Replaces instructions by nops as long as the difference stays. */
  #shrunk(pair: Pair, what: string, seed: number): Difference {
    let smallest = pair;
    let reason = what;
    for (let at = 0; at < smallest.words.length; at++) {
      const nop = {
        bits: smallest.words[at]!.length === 4 ? 0x13 : 0x01,
        length: smallest.words[at]!.length,
      };
      const candidate = { ...smallest, words: smallest.words.with(at, nop) };
      const still = this.#replaced(candidate);
      if (still !== undefined) [smallest, reason] = [candidate, still];
    }
    return { seed, what: reason, block: listing(smallest) };
  }

  #replaced(pair: Pair): string | undefined {
    for (const side of [this.#golden, ...this.#tiers]) {
      side.machine.memory.write(pair.address, bytesOf(pair.words));
      side.keep();
    }
    return this.#compare(pair);
  }
}

function listing({ words, address, cpu, limit }: Pair): readonly string[] {
  const view = new DataView(cpu.buffer);
  let at = address;
  const lines = words.map((word) => {
    const decoded = riscv64.decode(bytesOf([word]));
    const text = typeof decoded === 'string' ? decoded : riscv64.disassemble(decoded, BigInt(at));
    const line = `${at.toString(16)}: ${word.bits.toString(16).padStart(2 * word.length, '0')} ${text}`;
    at += word.length;
    return line;
  });
  const registers = [...state.layout.slots.values()]
    .filter(({ type }) => type === 'i64')
    .map(({ name, offset }) => `${name}=${view.getBigUint64(offset, true).toString(16)}`);
  const floats = `fflags=${view.getUint32(state.fflags.offset, true)} frm=${view.getUint8(state.frm.offset)}`;
  return [...lines, `limit ${limit}, ${floats}, ${registers.join(' ')}`];
}

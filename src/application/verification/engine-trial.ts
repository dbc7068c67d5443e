import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { ExecutionEngine, Stop } from '../ports/execution-engine.ts';
import { outcomeDifferences } from './check-case.ts';
import { caseLineOf, counterexample } from './counterexample.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { Random } from './generators/random.ts';
import type { Sample } from './generators/samples.ts';
import type { StateSource } from './generators/states.ts';
import { type GuestCase, type MemoryPiece, slotsOf } from './guest-case.ts';
import { shrink } from './shrink.ts';
import { regions, sameStop, stopText, World } from './world.ts';

export interface EngineTrialParts {
  readonly isa: InstructionTable;
  readonly reference: ExecutionEngine;
  readonly tested: ReadonlyMap<string, ExecutionEngine>;
}

/** Engines and their reference, side by side: runs pieces of code from the same states and compares everything that a guest can see. */
export class EngineTrial {
  readonly #isa: InstructionTable;
  readonly #reference: World;
  readonly #tested: readonly (readonly [name: string, world: World])[];
  readonly #memory: readonly MemoryPiece[];

  constructor({ isa, reference, tested }: EngineTrialParts) {
    this.#isa = isa;
    this.#reference = new World(reference, isa);
    this.#tested = [...tested].map(([name, engine]) => [name, new World(engine, isa)] as const);
    const random = new Random('memory');
    this.#memory = regions
      .filter(({ start }) => start < 0x10000)
      .map(({ start, length }) => [start, Uint8Array.from({ length }, () => random.next())] as const);
  }

  /** Tries states of one piece of code, and counts them under a name; ends at the first failure, which is shrunk. */
  run(
    name: string,
    sample: Sample,
    source: StateSource,
    states: number,
    coverage: CoverageCounter,
  ): { readonly cases: number; readonly counterexample: Counterexample | undefined } {
    const view = new DataView(source.block.buffer);
    this.#place(sample);
    source.begin();
    for (let n = 0; n < states; n++) {
      source.next(sample.inputs, sample.calm);
      const failure = this.#try(sample, source.block);
      const outcome = this.#outcome(sample, view);
      if (failure !== undefined)
        return { cases: n + 1, counterexample: this.#explain(name, sample, source.block, failure) };
      coverage.countState(name, sample.first.profile.inputs, view, outcome);
    }
    return { cases: states, counterexample: undefined };
  }

  #place({ code }: Sample): void {
    for (const world of [this.#reference, ...this.#tested.map(([, each]) => each)]) {
      world.place(0x10000n, code, this.#memory);
      world.keep();
    }
  }

  #stop: Stop = { reason: 'limit' };

  /** Runs one state everywhere; gives the first of the tested that differs. Memory is put back. */
  #try({ icount, steps }: Sample, state: Uint8Array): string | undefined {
    const expected = this.#reference.run(state, icount, steps);
    this.#stop = expected.stop;
    let differing: string | undefined;
    for (const [name, world] of this.#tested) {
      if (!this.#agrees(world, state, icount, steps, expected)) differing ??= name;
    }
    this.#reference.restore(expected.dirty);
    return differing;
  }

  #agrees(
    world: World,
    state: Uint8Array,
    icount: number,
    steps: number,
    expected: ReturnType<World['run']>,
  ): boolean {
    const [right, tested] = [this.#reference.machine, world.machine];
    let found: ReturnType<World['run']>;
    try {
      found = world.run(state, icount, steps);
    } catch {
      return false;
    }
    const same =
      sameStop(expected.stop, found.stop) &&
      right.icount === tested.icount &&
      sameBytes(right.cpu, tested.cpu) &&
      expected.dirty.join() === found.dirty.join() &&
      expected.dirty.every((page) => sameBytes(right.memory.page(page), tested.memory.page(page)));
    world.restore(found.dirty);
    return same;
  }

  /** How the reference's run ended, for the coverage map. */
  #outcome({ first, instructions }: Sample, before: DataView): string {
    const stop = this.#stop;
    if (stop.reason === 'fault') return `${stop.fault.kind} ${stop.fault.access}`;
    if (stop.reason !== 'limit') return stopText(stop);
    const { fpExceptions, pc } = this.#isa.layout;
    const { cpu } = this.#reference.machine;
    const raised = cpu[fpExceptions.offset]! & ~before.getUint8(fpExceptions.offset);
    if (raised !== 0) return `raises ${exceptionNames(raised)}`;
    if (instructions.length > 1) return 'completes';
    const next = before.getUint32(pc.offset, true) + first.row.encoding.width / 8;
    return new DataView(cpu.buffer, cpu.byteOffset).getUint32(pc.offset, true) === next
      ? 'completes'
      : 'jumps';
  }

  #explain(instruction: string, sample: Sample, state: Uint8Array, tested: string): Counterexample {
    const world = this.#tested.find(([name]) => name === tested)![1];
    const original: GuestCase = {
      code: sample.code,
      steps: sample.steps,
      slots: slotsOf(state, this.#isa.layout),
      memory: this.#memory,
      icount: sample.icount,
    };
    const differences = (each: GuestCase): readonly DivergentField[] => {
      const expected = this.#reference.outcome(each);
      try {
        return outcomeDifferences(world, expected, world.outcome(each));
      } catch (error) {
        return [
          { field: 'end', expected: stopText(expected.stop), found: `error: ${(error as Error).message}` },
        ];
      }
    };
    const shrunk = shrink(this.#isa, original, (each) => differences(each).length > 0);
    const expected = this.#reference.outcome(shrunk);
    const before = this.#reference.outcome({ ...shrunk, steps: 0 });
    return counterexample(this.#isa, {
      instruction,
      tested,
      original,
      shrunk,
      line: caseLineOf(this.#isa, shrunk, expected, before),
      differences: differences(shrunk),
    });
  }
}

/** As RISC-V writes them (unpriv 20.2), in the order of `fpException`. */
const exceptionNames = (bits: number): string =>
  ['NX', 'UF', 'OF', 'DZ', 'NV'].filter((_, bit) => (bits >> bit) & 1).join(' ');

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** State blocks and pages are made of whole words. */
const wordsOf = (bytes: Uint8Array): Int32Array =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);

import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import type { KnownDifference, Oracle, OracleCase, OracleOutcome } from '../ports/oracle.ts';
import { slotText } from './case-line.ts';
import { differ } from './check-case.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { EncodingAims } from './generators/encoding-aims.ts';
import type { Random } from './generators/random.ts';
import { StateSource } from './generators/states.ts';
import { readSlot } from './guest-case.ts';
import { explainOracle } from './oracle-counterexample.ts';
import { counterSlots, oracleAims, oracleSample } from './oracle-samples.ts';
import { type EngineOutcome, OracleWorld } from './oracle-world.ts';
import type { SampledInstruction } from './generators/sampled-instruction.ts';
import type { Relation, RowResult } from './relation.ts';

/** States drawn for one encoding. */
const statesPerInstruction = 16;
/** Windows of random bytes to choose among. */
const windows = 16;

/** An engine does what an oracle does, in everything that the oracle shows. */
export class OracleRelation implements Relation {
  readonly #isa: InstructionTable;
  readonly #oracle: Oracle;
  readonly #engine: string;
  readonly #world: OracleWorld;
  /** The slots that the oracle does not show. */
  readonly #hidden: readonly string[];
  readonly #hiddenByCode = new WeakMap<Uint8Array, readonly string[]>();

  constructor(isa: InstructionTable, engine: ExecutionEngine, oracle: Oracle) {
    this.#isa = isa;
    this.#oracle = oracle;
    this.#engine = engine.name;
    this.#world = new OracleWorld(isa, engine, oracle);
    this.#hidden = [isa.layout.pc.name, 'reservation', ...oracle.reservedSlots];
  }

  verify(row: Row, random: Random, cases: number, coverage: CoverageCounter): RowResult {
    const asked = this.#cases(row, random, cases, coverage);
    const theirs = this.#oracle.run(asked.map(({ asked: each }) => each));
    const view = new DataView(new ArrayBuffer(this.#isa.layout.size));
    const block = new Uint8Array(view.buffer);
    let knownDifferences = 0;
    for (const [index, { asked: each, instruction }] of asked.entries()) {
      const ours = this.#world.run(each);
      const right = theirs[index]!;
      if (!this.#agree(ours, right, each)) {
        if (!this.#isKnown(row.name, ours, right, each))
          return { cases: index + 1, knownDifferences, counterexample: this.#explain(row.name, each) };
        knownDifferences++;
      }
      block.set(each.cpu);
      coverage.countState(row.name, instruction.profile.inputs, view, outcomeText(right));
    }
    return { cases: asked.length, knownDifferences, counterexample: undefined };
  }

  /** Whether the oracle still has a fault that is known. */
  shows({ example, applies }: KnownDifference): boolean {
    const ours = this.#world.run(example);
    const theirs = this.#oracle.run([example])[0]!;
    if (ours.kind === 'elsewhere' || this.#agree(ours, theirs, example)) return false;
    return applies({ ...ours, kind: ours.kind }, theirs, example);
  }

  #cases(
    row: Row,
    random: Random,
    count: number,
    coverage: CoverageCounter,
  ): readonly { readonly asked: OracleCase; readonly instruction: SampledInstruction }[] {
    const { memorySize, reservedSlots } = this.#oracle;
    const { layout } = this.#isa;
    const source = new StateSource(layout, random, oracleAims(this.#oracle));
    const memories = Array.from({ length: windows }, () =>
      Uint8Array.from({ length: memorySize }, () => random.next()),
    );
    const aims = new EncodingAims(row);
    const cases: { asked: OracleCase; instruction: SampledInstruction }[] = [];
    while (cases.length < count) {
      const sample = oracleSample(random, this.#isa, row, this.#oracle, aims);
      if (!sample) break;
      const instruction = sample.first;
      coverage.countEncoding(instruction);
      source.begin();
      for (const name of reservedSlots) {
        const { offset } = layout.slots.get(name)!;
        source.block.fill(0, offset, offset + 8);
      }
      for (let n = 0; n < statesPerInstruction && cases.length < count; n++) {
        source.next(sample.inputs);
        const memory = random.pick(memories);
        cases.push({ asked: { code: sample.code, cpu: source.block.slice(), memory }, instruction });
      }
    }
    return cases;
  }

  #agree(ours: EngineOutcome, theirs: OracleOutcome, { code }: OracleCase): boolean {
    if (ours.kind !== theirs.kind || ours.signal !== theirs.signal || ours.target !== theirs.target)
      return false;
    for (const name of this.#hiddenIn(code)) {
      const { offset } = this.#isa.layout.slots.get(name)!;
      theirs.cpu.set(ours.cpu.subarray(offset, offset + 8), offset);
    }
    return equal(ours.cpu, theirs.cpu) && equal(ours.memory, theirs.memory);
  }

  /** The slots not to be compared: also what an instruction has read from a counter, which everyone counts for himself. */
  #hiddenIn(code: Uint8Array): readonly string[] {
    let hidden = this.#hiddenByCode.get(code);
    if (!hidden) {
      hidden = [...this.#hidden, ...counterSlots(this.#isa, code)];
      this.#hiddenByCode.set(code, hidden);
    }
    return hidden;
  }

  #isKnown(name: string, ours: EngineOutcome, theirs: OracleOutcome, asked: OracleCase): boolean {
    const { kind } = ours;
    if (kind === 'elsewhere') return false;
    return this.#oracle.known.some(
      ({ row, applies }) => row.test(name) && applies({ ...ours, kind }, theirs, asked),
    );
  }

  /** What differs, the oracle being right; nothing where it is known not to be. */
  #differences(name: string, asked: OracleCase): readonly DivergentField[] {
    const ours = this.#world.run(asked);
    const theirs = this.#oracle.run([asked])[0]!;
    if (this.#agree(ours, theirs, asked) || this.#isKnown(name, ours, theirs, asked)) return [];
    const { layout } = this.#isa;
    const at = theirs.memory.findIndex((byte, index) => byte !== ours.memory[index]);
    return [
      ...differ('end', endText(theirs), endText(ours)),
      ...[...layout.slots.keys()]
        .filter((name) => !this.#hiddenIn(asked.code).includes(name))
        .flatMap((name) =>
          differ(slotText(name), readSlot(theirs.cpu, layout, name), readSlot(ours.cpu, layout, name)),
        ),
      ...(at < 0
        ? []
        : differ(
            `memory 0x${(this.#oracle.memoryAddress + BigInt(at)).toString(16)}`,
            `0x${theirs.memory[at]!.toString(16)}`,
            `0x${ours.memory[at]!.toString(16)}`,
          )),
    ];
  }

  #explain(instruction: string, asked: OracleCase): Counterexample {
    return explainOracle({
      isa: this.#isa,
      oracle: this.#oracle,
      instruction,
      tested: this.#engine,
      asked,
      outcome: (each) => this.#world.run(each),
      differences: (each) => this.#differences(instruction, each),
    });
  }
}

const endText = ({ kind, signal, target }: Pick<EngineOutcome, 'kind' | 'signal' | 'target'>): string =>
  signal !== undefined
    ? `${kind}, signal ${signal}`
    : target !== undefined
      ? `${kind} to 0x${target.toString(16)}`
      : kind;

const outcomeTexts = { completed: 'completes', jumped: 'jumps', called: 'calls the environment' } as const;
const outcomeText = ({ kind, signal }: OracleOutcome): string =>
  kind === 'trapped' ? `signal ${signal ?? 0}` : outcomeTexts[kind];

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

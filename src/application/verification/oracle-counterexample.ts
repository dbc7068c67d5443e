import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { Stop } from '../ports/execution-engine.ts';
import type { Oracle, OracleCase, OracleOutcome } from '../ports/oracle.ts';
import { caseLineOf, counterexample } from './counterexample.ts';
import { blockOf, type GuestCase, slotsOf } from './guest-case.ts';
import type { EngineOutcome } from './oracle-world.ts';
import { shrink } from './shrink.ts';
import { codeAddress, initialBlock, type Outcome } from './world.ts';

/** Where a case's memory lies in the world of world.ts. */
const windowInWorld = 0x2800n;
/** An oracle is asked one case at a time here, which may mean one process each. */
const budget = 400;

export interface OracleFailure {
  readonly isa: InstructionTable;
  readonly oracle: Oracle;
  readonly instruction: string;
  readonly tested: string;
  readonly asked: OracleCase;
  outcome(each: OracleCase): EngineOutcome;
  differences(each: OracleCase): readonly DivergentField[];
}

/** Shrinks a case on which engine and oracle part, and writes it for the world in which cases run. */
export function explainOracle(failure: OracleFailure): Counterexample {
  const { isa, oracle, asked, instruction, tested } = failure;
  const original: GuestCase = {
    code: asked.code,
    steps: 1,
    slots: slotsOf(asked.cpu, isa.layout),
    memory: [[Number(oracle.memoryAddress), asked.memory]],
    icount: 0,
  };
  const toCase = (each: GuestCase): OracleCase => {
    const memory = new Uint8Array(oracle.memorySize);
    for (const [address, bytes] of each.memory) memory.set(bytes, address - Number(oracle.memoryAddress));
    const slots = new Map([...each.slots].filter(([name]) => !oracle.reservedSlots.includes(name)));
    return {
      code: each.code,
      cpu: initialBlock(isa.layout, { slots: slots.set('pc', oracle.codeAddress) }),
      memory,
    };
  };
  const shrunk = shrink(isa, original, (each) => seen(failure, toCase(each)), budget);
  const inWorld = moved(shrunk, oracle);
  const last = toCase(shrunk);
  const theirs = oracle.run([last])[0]!;
  const ours = failure.outcome(last);
  const memory = (bytes: Uint8Array) => new Map([[Number(windowInWorld), bytes]]);
  const before: Outcome = {
    stop: { reason: 'limit' },
    retired: 0,
    cpu: initialBlock(isa.layout, inWorld),
    memory: memory(last.memory),
  };
  const pc =
    codeAddress +
    (theirs.target !== undefined
      ? theirs.target - oracle.codeAddress
      : BigInt(distanceOf(theirs, oracle, last.code.length)));
  const expected: Outcome = {
    stop: stopOf(theirs.kind, theirs.signal, ours.stop),
    retired: theirs.kind === 'trapped' ? 0 : 1,
    cpu: blockOf(isa.layout, [
      ...[...slotsOf(theirs.cpu, isa.layout)].map(
        ([name, value]) => [name, movedValue(value, oracle)] as const,
      ),
      ['pc', pc],
    ]),
    memory: memory(theirs.memory),
  };
  return counterexample(isa, {
    instruction,
    tested,
    original,
    shrunk: inWorld,
    line: caseLineOf(isa, inWorld, expected, before),
    differences: failure.differences(last),
  });
}

const distanceOf = ({ kind }: OracleOutcome, { jumpDistance = 0 }: Oracle, length: number): number =>
  kind === 'jumped' ? jumpDistance : kind === 'trapped' ? 0 : length;

/** Whether the difference shows, and the engine stayed where the oracle can look. */
function seen(failure: OracleFailure, each: OracleCase): boolean {
  const { kind, stop } = failure.outcome(each);
  if (kind === 'elsewhere' || (stop.reason === 'fault' && stop.fault.kind !== 'misaligned')) return false;
  return failure.differences(each).length > 0;
}

/** An address of the oracle's as the world's address of the same thing. */
function movedValue(value: bigint, oracle: Oracle): bigint {
  const inWindow = value - oracle.memoryAddress;
  if (inWindow > -16n && inWindow < BigInt(oracle.memorySize)) return windowInWorld + inWindow;
  const inCode = value - oracle.codeAddress;
  return inCode > -16n && inCode < 16n ? codeAddress + inCode : value;
}

const moved = (each: GuestCase, oracle: Oracle): GuestCase => ({
  ...each,
  slots: new Map(
    [...each.slots]
      .filter(([name]) => name !== 'pc')
      .map(([name, value]) => [name, movedValue(value, oracle)]),
  ),
  memory: each.memory.map(([address, bytes]) => [Number(movedValue(BigInt(address), oracle)), bytes]),
});

function stopOf(kind: string, signal: number | undefined, ours: Stop): Stop {
  if (kind === 'called') return { reason: 'syscall' };
  if (kind !== 'trapped') return { reason: 'limit' };
  if (signal === 5) return { reason: 'trap', cause: 'breakpoint' };
  if (signal === 4) return { reason: 'trap', cause: 'illegal-instruction' };
  return ours.reason === 'fault'
    ? ours
    : {
        reason: 'fault',
        fault: { access: 'load', kind: signal === 7 ? 'misaligned' : 'unmapped', address: 0n },
      };
}

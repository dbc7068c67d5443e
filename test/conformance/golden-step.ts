import type { Oracle, OracleCase, OracleOutcome } from '../../src/application/ports/oracle.ts';
import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import {
  type BlockExit,
  evaluateBlock,
  type EvaluationContext,
  type MemoryFault,
} from '../../src/domain/ir/evaluator.ts';
import type { Access, IrBlock } from '../../src/domain/ir/node.ts';
import { mayFault } from '../../src/domain/ir/ops.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';

/** Runs an oracle's case on the golden evaluator and says the outcome in the oracle's terms. */

const signals = { illegal: 4, trap: 5, bus: 7, segv: 11 } as const;

export function goldenStep(
  { code, state: before, memory: given }: OracleCase,
  oracle: Oracle,
): OracleOutcome {
  const decoded = riscv64.decode(code);
  const state = new Map(before);
  const memory = new Uint8Array(given);
  if (typeof decoded === 'string') return { kind: 'trapped', signal: signals.illegal, state, memory };
  const ir = new BlockBuilder(riscv64.layout);
  ir.instruction(decoded.length);
  decoded.lift(ir);
  const exit = evaluateBlock(
    ir.finish(),
    oracle.codeAddress,
    windowContext(state, memory, oracle.memoryAddress),
  );
  const signal = signalOf(exit);
  if (signal !== undefined) return { kind: 'trapped', signal, state, memory };
  if (exit.pc === oracle.codeAddress + BigInt(decoded.length)) return { kind: 'completed', state, memory };
  if (exit.pc === oracle.codeAddress + BigInt(oracle.jumpDistance)) return { kind: 'jumped', state, memory };
  throw new Error(`the case went to 0x${exit.pc.toString(16)}, which no oracle can see`);
}

function windowContext(state: Map<string, bigint>, memory: Uint8Array, base: bigint): EvaluationContext {
  const inside = (address: bigint, size: number) =>
    address >= base && address + BigInt(size) <= base + BigInt(memory.length);
  const fault = (access: MemoryFault['access'], address: bigint): MemoryFault => ({
    access,
    kind: 'unmapped',
    address,
  });
  return {
    readSlot: (slot) => state.get(slot.name) ?? 0n,
    writeSlot: (slot, value) => void state.set(slot.name, value),
    load(address, size) {
      if (!inside(address, size)) return fault('load', address);
      let value = 0n;
      for (let byte = size - 1; byte >= 0; byte--)
        value = (value << 8n) | BigInt(memory[Number(address - base) + byte]!);
      return value;
    },
    store(address, size, value) {
      if (!inside(address, size)) return fault('store', address);
      for (let byte = 0; byte < size; byte++)
        memory[Number(address - base) + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
      return undefined;
    },
    counter: () => 0n,
  };
}

function signalOf(exit: BlockExit): number | undefined {
  if (exit.kind === 'fault') return exit.fault.kind === 'misaligned' ? signals.bus : signals.segv;
  if (exit.kind !== 'trap') return undefined;
  return exit.cause === 'breakpoint' ? signals.trap : signals.illegal;
}

/** The addresses that a block's memory ops would use first, and whether they must be aligned. */
export function addressesOf(
  block: IrBlock,
  state: ReadonlyMap<string, bigint>,
): readonly { readonly address: bigint; readonly aligned: boolean }[] {
  const seen: { address: bigint; aligned: boolean }[] = [];
  const node = block.nodes.find((each) => mayFault(each.op) && each.op !== 'trapIf' && each.op !== 'trap');
  if (!node) return seen;
  const aligned = (node.attr as Access).aligned;
  // storeIf of a failing condition touches nothing: ask for its address as if it stored.
  const nodes = block.nodes.map((each) =>
    each.op === 'storeIf' ? { ...each, op: 'store' as const, args: each.args.slice(1) } : each,
  );
  const note = (address: bigint): MemoryFault => {
    seen.push({ address, aligned });
    return { access: 'load', kind: 'unmapped', address };
  };
  const loose = nodes.map((each) =>
    'aligned' in ((each.attr as object | undefined) ?? {})
      ? { ...each, attr: { ...(each.attr as Access), aligned: false } }
      : each,
  );
  evaluateBlock({ ...block, nodes: loose as IrBlock['nodes'] }, 0n, {
    readSlot: (slot) => state.get(slot.name) ?? 0n,
    writeSlot: () => undefined,
    load: note,
    store: note,
    counter: () => 0n,
  });
  return seen;
}

import { afterAll, expect, test } from '@jest/globals';
import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import { runSymbolically, slotSymbol } from '../../src/domain/ir/smt/symbolic-block.ts';
import { definitionsOf, nameOf, TermGraph } from '../../src/domain/ir/smt/term-graph.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { solver, timeoutMs } from './solver-for-tests.ts';

/**
 * Few oracles know Zicond (qemu from 8.1 on), so its instructions are also held against formulas written from the manual (unpriv 11.1), for
 * all inputs and every way in which their registers can be the same.
 */
afterAll(() => solver.close());

const manual = {
  'czero.eqz': (value: string, condition: string) => `(ite (= ${condition} (_ bv0 64)) (_ bv0 64) ${value})`,
  'czero.nez': (value: string, condition: string) => `(ite (= ${condition} (_ bv0 64)) ${value} (_ bv0 64))`,
} as const;

const registers = [0, 1, 2, 3];
const choices = registers.flatMap((rd) =>
  registers.flatMap((rs1) => registers.map((rs2) => ({ rd, rs1, rs2 }))),
);

test.each(Object.entries(manual))('%s is what the manual says, for all inputs', async (name, meaning) => {
  for (const fields of choices) {
    const ir = new BlockBuilder(riscv64.layout);
    ir.instruction(4);
    riscv64.row(name)!.semantics(ir, fields);
    const graph = new TermGraph({ abstract: false });
    const { exits } = runSymbolically(ir.finish(), graph);
    const before = (n: number) => (n === 0 ? graph.constant('i64', 0) : slotSymbol(graph, state.x[n]!));
    const [{ slots }] = exits as [(typeof exits)[number]];
    const changed = [...slots.keys()].map((slot) => slot.name);
    expect(changed).toEqual(fields.rd === 0 ? [] : [`x${fields.rd}`]);
    const found = slots.get(state.x[fields.rd]!);
    if (!found) continue;
    const [value, condition] = [before(fields.rs1), before(fields.rs2)];
    const expected = meaning(nameOf(value), nameOf(condition));
    const script = [
      ...definitionsOf([found, value, condition]),
      `(assert (distinct ${nameOf(found)} ${expected}))`,
    ].join('\n');
    expect({ fields, ...(await solver.check({ script, values: [] }, timeoutMs)) }).toEqual({
      fields,
      kind: 'unsatisfiable',
    });
  }
});

import { describe, expect, test } from '@jest/globals';
import { BlockBuilder } from './builder.ts';
import type { IrBlock, Node } from './node.ts';
import { printBlock } from './printer.ts';
import { layoutState, type Slot } from './types.ts';
import { verifyBlock } from './verifier.ts';

const layout = layoutState(
  [
    ['a', 'i64'],
    ['d', 'f64'],
    ['pc', 'i64'],
    ['fp', 'i32'],
  ],
  { pc: 'pc', fpExceptions: 'fp' },
);
const a = layout.slots.get('a') as Slot<'i64'>;
const d = layout.slots.get('d') as Slot<'f64'>;

function build(semantics: (ir: BlockBuilder) => void): IrBlock {
  const ir = new BlockBuilder(layout);
  ir.instruction(4);
  semantics(ir);
  return ir.finish();
}

/** The block with node `id` changed: what a wrong builder would make. */
const withNode = (block: IrBlock, id: number, change: Partial<Node>): IrBlock => ({
  ...block,
  nodes: block.nodes.map((node) => (node.id === id ? ({ ...node, ...change } as Node) : node)),
});

describe('the IR verifier', () => {
  const sum = build((ir) => ir.write(a, ir.add(ir.read(a), ir.i64(1))));

  test('accepts a sound block', () => {
    expect(verifyBlock(sum)).toEqual([]);
  });

  test('refuses a result type that its op cannot give', () => {
    expect(verifyBlock(withNode(sum, 3, { type: 'i32' }))).toContain('%3 add: result is i32, not i64');
  });

  test('refuses a missing argument', () => {
    expect(verifyBlock(withNode(sum, 3, { args: [sum.nodes[1] as never] }))).toContain(
      '%3 add: takes 2 arguments, has 1',
    );
  });

  test('refuses use before definition', () => {
    const later = sum.nodes[3] as never;
    expect(verifyBlock(withNode(sum, 3, { args: [later, later] }))).toContain(
      '%3 add: argument 0 is not defined before it',
    );
  });

  test('refuses a slot of another type', () => {
    expect(verifyBlock(withNode(sum, 1, { attr: { slot: d } }))).toContain('%1 read: slot d is f64');
  });

  test('refuses a block without a terminator, and one with two', () => {
    expect(verifyBlock({ ...sum, nodes: sum.nodes.slice(0, -1) })).toContain(
      '%4 write: block ends without a terminator',
    );
    const twice = { ...sum, nodes: [...sum.nodes, { ...sum.nodes[5]!, id: 6 }] };
    expect(verifyBlock(twice)).toContain('%5 next: terminator inside the block');
  });

  test('refuses an access that may fault after its instruction wrote state', () => {
    const block = build((ir) => {
      ir.write(a, ir.i64(1));
      ir.store(ir.i64(0), ir.i64(2));
    });
    expect(verifyBlock(block)).toEqual(['%5 store: may fault after a write to guest state']);
  });

  test('allows the next instruction to fault after the last one wrote state', () => {
    const block = build((ir) => {
      ir.write(a, ir.i64(1));
      ir.instruction(2);
      ir.write(a, ir.load('i64', ir.i64(0)));
    });
    expect(verifyBlock(block)).toEqual([]);
  });

  test('refuses conversions that do not convert', () => {
    const widened = build((ir) => ir.write(a, ir.zext(ir.trunc(ir.read(a), 'i32'), 'i64')));
    expect(verifyBlock(withNode(widened, 2, { type: 'i128' }))).toContain(
      '%2 trunc: does not narrow (64 to 128)',
    );
  });

  test('refuses flags of an op that raises none', () => {
    const block = build((ir) => ir.raise(ir.read(a)));
    expect(verifyBlock(block)).toContain('%2 raise: argument is not a float op');
  });
});

describe('the IR builder', () => {
  test('refuses anything after the end of a block', () => {
    const ir = new BlockBuilder(layout);
    ir.instruction(4);
    ir.syscall();
    expect(() => ir.read(a)).toThrow('read after the end of a block');
  });

  test('refuses state access before the first instruction', () => {
    expect(() => new BlockBuilder(layout).read(a)).toThrow('read before the first instruction');
  });
});

test('the printer shows every node with its attributes', () => {
  const block = build((ir) => {
    const value = ir.fadd(ir.read(d), ir.read(d), ir.i8(0));
    ir.raise(value);
    ir.instruction(4);
    ir.store(ir.pc(8), ir.rmw('add', ir.read(a), ir.i64(16), { ordering: 'acquire' }), { endian: 'big' });
    ir.jump(ir.i64(-4), 'call');
  });
  expect(printBlock(block)).toMatchInlineSnapshot(`
   "; +0 (4 bytes)
     %1 = read f64 d
     %2 = read f64 d
     %3 = const i8 0x0
     %4 = fadd f64 %1, %2, %3
     raise %4
   ; +4 (4 bytes)
     %7 = pc i64 +12
     %8 = read i64 a
     %9 = const i64 0x10
     %10 = rmw i64 add acquire aligned %8, %9
     store big-endian %7, %10
     %12 = const i64 0xfffffffffffffffc
     jump call %12"
  `);
});

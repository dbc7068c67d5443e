import { BlockBuilder } from '../../src/domain/ir/builder.ts';
import type { IrBlock, Value } from '../../src/domain/ir/node.ts';
import { typeIn, type Typing } from '../../src/domain/ir/optimiser/rule.ts';
import type { Term } from '../../src/domain/ir/optimiser/term.ts';
import { layoutState, type Slot } from '../../src/domain/ir/types.ts';

/** A block that computes a term of which the values are read and the constants are given, and stores it. */
export function blockOf(term: Term, typing: Typing, constants: ReadonlyMap<string, bigint>): IrBlock {
  const slots = [...['x', 'y', 'z', 'p', 'q'].map((name) => [name, 'i64'] as const)];
  const layout = layoutState([...slots, ['pc', 'i64'], ['flags', 'i32']], {
    pc: 'pc',
    fpExceptions: 'flags',
  });
  const ir = new BlockBuilder(layout);
  ir.instruction(4);
  const known = new Map<string, Value>();
  const build = (part: Term): Value => {
    const type = typeIn(typing, part.type);
    switch (part.kind) {
      case 'any': {
        const made = known.get(part.name);
        if (made) return made;
        const read = ir.read(layout.slots.get(part.name) as Slot<'i64'>);
        const int = type === 'f64' ? 'i64' : type === 'f32' ? 'i32' : type;
        const narrow = int === 'i64' ? read : ir.trunc(read, int as 'i32');
        const value = ir.bitcast(narrow, type);
        known.set(part.name, value);
        return value;
      }
      case 'constant':
        return ir.const(type, constants.get(part.name)!);
      case 'number':
        return ir.const(type, part.value);
      case 'width':
        return ir.const(type, sizeOf(typeIn(typing, part.of)));
      case 'operation': {
        const args = part.args.map(build);
        if (part.op === 'extract') return ir.extract(args[0] as Value<'i64'>, part.attr!.lsb, type as 'i32');
        if (part.op === 'zext' || part.op === 'sext' || part.op === 'trunc')
          return ir[part.op](args[0] as Value<'i64'>, type as 'i32');
        if (part.op === 'bitcast') return ir.bitcast(args[0]!, type);
        const method = ir[part.op as 'add'] as (...values: Value[]) => Value;
        return method(...args);
      }
    }
  };
  const result = build(term);
  ir.store(ir.i64(0), result);
  return ir.finish();
}

const sizeOf = (type: string): number => Number(type.slice(1));

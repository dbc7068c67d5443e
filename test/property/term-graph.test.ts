import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { opOf, type OpName } from '../../src/domain/ir/ops.ts';
import { type GraphTerm, TermGraph } from '../../src/domain/ir/smt/term-graph.ts';
import { type IntType, type IrType, widths } from '../../src/domain/ir/types.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { randomInteger } from './random-guest-code.ts';

/** A graph's terms have the values of the ops that they were made from, however they were simplified. */
const types: readonly IntType[] = ['i1', 'i8', 'i16', 'i32', 'i64'];
// prettier-ignore
const same: readonly OpName[] = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shrU', 'shrS', 'divU', 'remS'];
const comparing: readonly OpName[] = ['eq', 'ne', 'ltU', 'leS'];

interface Valued {
  readonly term: GraphTerm;
  readonly value: bigint;
}

function valueOf(term: GraphTerm, symbols: ReadonlyMap<string, bigint>): bigint {
  if (term.kind === 'constant') return term.value;
  if (term.kind === 'symbol') return symbols.get(term.name)!;
  if (term.kind === 'function') throw new TypeError('nothing here is uninterpreted');
  const args = term.args.map((each) => valueOf(each, symbols));
  const argTypes = term.args.map(({ type }) => type);
  return opOf(term.op).evaluate!(args, widths[term.type], { type: term.type, attr: term.attr }, argTypes);
}

function evaluated(op: OpName, type: IrType, args: readonly Valued[], attr?: unknown): bigint {
  const values = args.map(({ value }) => value);
  const argTypes = args.map(({ term }) => term.type);
  return opOf(op).evaluate!(values, widths[type], { type, attr }, argTypes);
}

test('simplified terms have the values of what they were made from', () => {
  fc.assert(
    fc.property(fc.noShrink(fc.integer()), fc.integer({ min: 1, max: 30 }), (seed, count) => {
      const random = new Random(seed);
      const graph = new TermGraph({ abstract: false });
      const symbols = new Map<string, bigint>();
      const pool: Valued[] = [];
      const fresh = (type: IntType): Valued => {
        const value = BigInt.asUintN(widths[type], randomInteger(random));
        if (random.chance(50)) {
          const small = BigInt.asUintN(widths[type], BigInt(random.below(3)) - 1n);
          return { term: graph.constant(type, small), value: small };
        }
        const name = `s${symbols.size}`;
        symbols.set(name, value);
        return { term: graph.symbol(type, name), value };
      };
      const ofType = (type: IntType): Valued => {
        const known = pool.filter(({ term }) => term.type === type);
        return known.length > 0 && random.chance(75) ? random.pick(known) : fresh(type);
      };
      const make = (op: OpName, type: IntType, args: readonly Valued[], attr?: unknown): void => {
        const value = evaluated(op, type, args, attr);
        pool.push({
          term: graph.operation(
            op,
            type,
            args.map(({ term }) => term),
            attr,
          ),
          value,
        });
      };
      for (let step = 0; step < count; step++) {
        const type = random.pick(types);
        const wider = types.filter((each) => widths[each] > widths[type]);
        switch (random.below(5)) {
          case 0:
          case 1:
            make(random.pick(same), type, [ofType(type), ofType(type)]);
            break;
          case 2:
            make(random.pick(comparing), 'i1', [ofType(type), ofType(type)]);
            break;
          case 3:
            make('select', type, [ofType('i1'), ofType(type), ofType(type)]);
            break;
          default:
            if (wider.length > 0) make('sext', random.pick(wider), [ofType(type)]);
            else make('extract', 'i8', [ofType('i64')], { lsb: 8 * random.below(8) });
        }
      }
      expect(pool.map(({ term }) => valueOf(term, symbols))).toEqual(pool.map(({ value }) => value));
    }),
    { numRuns: 400, seed: 20_261_125 },
  );
});

test('equal terms are one, and what was proved equal becomes one', () => {
  const graph = new TermGraph({ abstract: false });
  const [a, b] = [graph.symbol('i64', 'a'), graph.symbol('i64', 'b')];
  expect(graph.operation('add', 'i64', [a, b])).toBe(graph.operation('add', 'i64', [b, a]));
  expect(graph.add(graph.add(a, 5), -5)).toBe(a);
  const doubled = graph.operation('add', 'i64', [a, a]);
  const shifted = graph.operation('shl', 'i64', [a, graph.constant('i64', 1)]);
  graph.equate(doubled, shifted);
  expect(graph.operation('shl', 'i64', [a, graph.constant('i64', 1)])).toBe(doubled);
});

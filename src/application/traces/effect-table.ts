import type { DataColumn, DataValue } from '../ports/data-files.ts';
import type { Effect } from './effect.ts';

/** What a register is called in tables; its slot’s name otherwise. */
export type RegisterNames = (slot: string) => string;

interface EffectColumn extends DataColumn {
  of(effect: Effect, names: RegisterNames): DataValue;
}

/** Effects as a table: a row each. A field that an effect does not have is null. */
export const effectColumns: readonly EffectColumn[] = [
  { name: 'icount', type: 'int64', ranged: true, of: ({ icount }) => BigInt(icount) },
  { name: 'kind', type: 'text', of: ({ kind }) => kind },
  // “by” is a word of SQL.
  { name: 'actor', type: 'text', of: ({ by }) => by },
  { name: 'thread', type: 'int32', of: ({ thread }) => thread },
  { name: 'process', type: 'int32', of: ({ process }) => process },
  { name: 'pc', type: 'uint64', of: ({ pc }) => pc },
  { name: 'symbol', type: 'text', of: ({ symbol }) => symbol },
  { name: 'instruction', type: 'text', of: ({ text }) => text },
  { name: 'register', type: 'text', of: ({ register }, names) => register && names(register) },
  { name: 'address', type: 'uint64', ranged: true, of: ({ address }) => address },
  { name: 'size', type: 'int32', of: ({ size }) => size },
  { name: 'before', type: 'uint64', of: ({ before }) => before },
  { name: 'after', type: 'uint64', of: ({ after }) => after },
  { name: 'data', type: 'bytes', of: ({ data }) => data },
  { name: 'system_call', type: 'text', of: ({ call }) => call },
  ...[0, 1, 2, 3, 4, 5].map((number): EffectColumn => ({
    name: `arg${number}`,
    type: 'uint64',
    of: (effect) => effect.arguments?.[number],
  })),
  { name: 'result', type: 'int64', of: ({ result }) => result && BigInt.asIntN(64, result) },
  { name: 'signal', type: 'text', of: ({ signal }) => signal },
  { name: 'to_thread', type: 'int32', of: ({ to }) => to },
];

/** The values of effects, column by column. */
export const columnsOf = (
  effects: readonly Effect[],
  names: RegisterNames,
): readonly (readonly DataValue[])[] =>
  effectColumns.map((column) => effects.map((effect) => column.of(effect, names)));

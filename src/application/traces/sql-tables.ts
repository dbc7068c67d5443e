import { type EffectKind, effectKinds } from './effect.ts';
import { effectColumns } from './effect-table.ts';

/** A table of effects, as queries see it. */
export interface EffectsView {
  readonly kinds: readonly EffectKind[];
  readonly columns: readonly { readonly from: string; readonly as: string }[];
}

const columns = (...names: readonly string[]): EffectsView['columns'] =>
  names.map((name) => {
    const [from = name, as = from] = name.split(' as ');
    return { from, as };
  });

const place = ['icount', 'thread', 'process', 'pc', 'symbol', 'instruction'] as const;
const access = [...place, 'actor', 'system_call', 'signal'] as const;
const values = ['before', 'after'] as const;

/** The tables that are made of effects, by name. */
export const effectViews: Readonly<Record<string, EffectsView>> = {
  effects: { kinds: effectKinds, columns: columns(...effectColumns.map(({ name }) => name)) },
  instructions: { kinds: ['instruction'], columns: columns(...place) },
  register_reads: { kinds: ['register-read'], columns: columns(...place, 'register', 'after as value') },
  register_writes: { kinds: ['register-write'], columns: columns(...access, 'register', ...values) },
  reads: {
    kinds: ['memory-read'],
    columns: columns(...access, 'address', 'size', 'after as value', 'data'),
  },
  writes: { kinds: ['memory-write'], columns: columns(...access, 'address', 'size', ...values, 'data') },
  syscalls: {
    kinds: ['system-call'],
    columns: columns(
      ...['icount', 'thread', 'process', 'pc', 'system_call as name'],
      ...['arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5', 'result'],
    ),
  },
  signals: {
    kinds: ['signal'],
    columns: columns('icount', 'thread', 'process', 'pc', 'signal as name'),
  },
  switches: {
    kinds: ['thread-switch'],
    columns: columns('icount', 'thread', 'process', 'to_thread'),
  },
};

/** The tables that are made otherwise: the program’s symbols, and what the index knows. */
export const symbolColumns = [
  { name: 'name', type: 'text' },
  { name: 'address', type: 'uint64' },
  { name: 'size', type: 'int64' },
] as const;

/** Eight bytes of memory, or two of code, that were used at least once in a slice of the recording. */
export const sliceColumns = [
  { name: 'use', type: 'text' },
  { name: 'begin', type: 'int64' },
  { name: 'until', type: 'int64' },
  { name: 'address', type: 'uint64' },
  { name: 'size', type: 'int32' },
] as const;

export const sqlTables: readonly string[] = [...Object.keys(effectViews), 'symbols', 'slices'];

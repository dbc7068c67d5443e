import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { CodeMap } from '../code-map.ts';

/** What generated code asks before an access off its fast path. 0: go on; 1: have the instruction stepped. */
export interface Admission {
  readonly admitLoad: (address: number, size: number) => 0 | 1;
  readonly admitStore: (address: number, size: number) => 0 | 1;
}

/** Lets accesses pass that neither fault nor are watched, and, of stores, that change no code; the pages stored to are dirty then. */
export const admissionOf = (memory: FlatMemory, codeMap: CodeMap): Admission => ({
  admitLoad: (address, size) =>
    memory.watched.overlaps('read', address, size) || memory.fault(address, size, 1, 'load') ? 1 : 0,
  admitStore: (address, size) => {
    if (memory.fault(address, size, 2, 'store')) return 1;
    if (codeMap.overlaps(address, address + size) || memory.host.storeNeedsStep(address, size)) return 1;
    if (memory.watched.overlaps('write', address, size)) return 1;
    memory.touch(address, size);
    return 0;
  },
});

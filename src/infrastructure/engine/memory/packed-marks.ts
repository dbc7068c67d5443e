import { granuleSize, type PageMarks } from '../../../application/ports/effects.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import { FunctionBody } from '../wasm/codegen/function-body.ts';
import { ModuleBuilder } from '../wasm/codegen/module-builder.ts';

/** Marks of a page, a byte each, and the bytes of its set. */
const marksOfPage = pageSize / granuleSize;
export const packedSetBytes = marksOfPage / 8;

/** Packs the marks from the first address on, up to the second, into bits at the third, and clears them; gives 0 where there are none. */
export type PackMarks = (from: number, end: number, to: number) => number;

/** Code for that, over the memory of the marks: packing is most of what gathering marks takes. */
export function packMarks(memory: WebAssembly.Memory): PackMarks {
  const module = new ModuleBuilder();
  module.importMemory('marks', 'memory', memory);
  module.define('pack', { parameters: ['i32', 'i32', 'i32'], results: ['i32'] }, packing());
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.assemble()), { marks: { memory } });
  return instance.exports['pack'] as PackMarks;
}

/** Multiplying eight bytes of 0 or 1 by this puts their lowest bits, in order, into the highest byte. */
const collect = 0x0102_0408_1020_4080n;

function packing(): FunctionBody {
  const [from, end, to] = [0, 1, 2];
  const code = new FunctionBody(['i32', 'i32', 'i32']);
  const [eight, any] = [code.local('i64'), code.local('i64')];
  const next = code.loop();
  code.get(from);
  code.memory('i64.load', 0);
  code.tee(eight);
  code.get(any);
  code.op('i64.or');
  code.set(any);
  code.get(to);
  code.get(eight);
  code.i64(collect);
  code.op('i64.mul');
  code.i64(56n);
  code.op('i64.shr_u', 'i32.wrap_i64');
  code.memory('i32.store8', 0);
  code.get(from);
  code.i64(0n);
  code.memory('i64.store', 0);
  code.get(to);
  code.i32(1);
  code.op('i32.add');
  code.set(to);
  code.get(from);
  code.i32(8);
  code.op('i32.add');
  code.tee(from);
  code.get(end);
  code.op('i32.lt_u');
  code.branchIf(next);
  code.end();
  code.get(any);
  code.i64(0n);
  code.op('i64.ne');
  return code;
}

/** Pages whose marks are being packed, one set after the other, into a part of the marks' memory. */
export class PackedMarks {
  readonly #bytes: Uint8Array;
  readonly #pack: PackMarks;
  readonly #units: number;
  readonly #packed: number;
  #pages = new Uint32Array(64);
  #count = 0;

  /** `units`, `packed`: where the marks lie, and where there is room for a set of each page. */
  constructor(bytes: Uint8Array, pack: PackMarks, units: number, packed: number) {
    this.#bytes = bytes;
    this.#pack = pack;
    this.#units = units;
    this.#packed = packed;
  }

  /** Takes in a page, which follows those before, where it has marks; they are cleared. */
  add(page: number): void {
    const from = this.#units + page * marksOfPage;
    if (!this.#pack(from, from + marksOfPage, this.#packed + this.#count * packedSetBytes)) return;
    if (this.#count === this.#pages.length) {
      const pages = this.#pages;
      this.#pages = new Uint32Array(2 * pages.length);
      this.#pages.set(pages);
    }
    this.#pages[this.#count++] = page;
  }

  /** The pages taken in since the last call. */
  take(): PageMarks {
    const count = this.#count;
    this.#count = 0;
    return {
      pages: this.#pages.slice(0, count),
      marks: Uint8Array.from(this.#bytes.subarray(this.#packed, this.#packed + count * packedSetBytes)),
    };
  }
}

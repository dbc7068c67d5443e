import { controlMemory } from '../lowering/emitter.ts';
import { FunctionBody } from '../codegen/function-body.ts';
import type { FunctionType } from '../codegen/module-builder.ts';
import type { MemoryOp } from '../codegen/opcodes.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { record, recordSize } from './record.ts';

/** `(remaining, pc, depth, returnsTo) → result`. */
export const threaderType: FunctionType = { parameters: ['i32', 'i64', 'i32', 'i32'], results: ['i32'] };

/** The memory of forms, where handlers' modules have that of marks. */
export const forms = 2;

/** The threader's function under construction: its locals, and what its parts emit again and again. */
export class ThreaderCode {
  readonly code = new FunctionBody(threaderType.parameters);
  readonly memory: FlatMemory;
  readonly remaining = 0;
  readonly pc = 1;
  readonly depth = 2;
  readonly returnsTo = 3;
  /** Of the block. */
  readonly address = this.code.local('i32');
  /** Of the instruction, and then after it. */
  readonly end = this.code.local('i32');
  /** The block's head record, the instruction's record, and the one after it. */
  readonly first = this.code.local('i32');
  readonly at = this.code.local('i32');
  readonly next = this.code.local('i32');
  /** The instruction's form, in bytes. */
  readonly form = this.code.local('i32');
  readonly info = this.code.local('i32');
  readonly count = this.code.local('i32');
  /** Of the address, among the known entries. */
  readonly hash = this.code.local('i32');
  readonly word = this.code.local('i32');
  readonly scratch = this.code.local('i32');

  constructor(memory: FlatMemory) {
    this.memory = memory;
  }

  /** Pushes an i32 of control memory. */
  load(word: number): void {
    this.code.i32(0);
    this.code.memory('i32.load', controlMemory, word);
  }

  /** Stores what `push` pushes into control memory, at a local and an offset. */
  store(at: number, offset: number, push: () => void, op: MemoryOp = 'i32.store'): void {
    this.code.get(at);
    push();
    this.code.memory(op, controlMemory, offset);
  }

  /** Pushes some bits of a local. */
  and(local: number, bits: number): void {
    this.code.get(local);
    this.code.i32(bits);
    this.code.op('i32.and');
  }

  /** Adds to a local. */
  advance(local: number, by: number): void {
    this.code.get(local);
    this.code.i32(by);
    this.code.op('i32.add');
    this.code.set(local);
  }

  /** Pushes the bytes of the record of an instruction with this info. */
  sizeOfRecord(): void {
    const code = this.code;
    code.get(this.info);
    code.i32(8 - Math.log2(record.operandSize));
    code.op('i32.shr_u');
    code.i32(0xff * record.operandSize);
    code.op('i32.and');
    code.i32(recordSize(0));
    code.op('i32.add');
  }
}

/**
 * Threaded code: what the interpreter runs. A block is a head record, one record an instruction, and, unless its last
 * instruction goes elsewhere, a record that ends it. All numbers are little-endian i32 but the operands. Every handler is
 * `(remaining, record) → exit code`, the type of a region, and ends by tail-calling the next.
 */
export const record = {
  /** The handler's place in the function table. */
  handler: 0,
  /** Of an instruction: instructions of the block from this one on; of a head: those of the whole block. */
  left: 4,
  /** The guest address of the instruction, of the block, or to go on at. */
  address: 8,
  /** Of an instruction: the guest address after it; of a head: how often it is entered until it is called hot. */
  next: 12,
  /** 8 bytes each: where a state slot lies in control memory, or an i64. */
  operands: 16,
  operandSize: 8,
} as const;

/** Of a block. */
export const maxInstructions = 64;

/** Bytes of a record. */
export const recordSize = (operands: number): number => record.operands + record.operandSize * operands;

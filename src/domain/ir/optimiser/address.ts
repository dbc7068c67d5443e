import type { Node } from '../node.ts';

/** An address as a value plus a constant. Without a base it is absolute, or lies from the block's start. */
export interface Address {
  readonly base: Node | 'absolute' | 'block';
  /** Modulo 2^64. */
  readonly offset: bigint;
}

export function addressOf(node: Node): Address {
  if (node.op === 'const') return { base: 'absolute', offset: node.attr.value };
  if (node.op === 'pc') return { base: 'block', offset: BigInt.asUintN(64, BigInt(node.attr.offset)) };
  if (node.op === 'add') {
    const [base, distance] = node.args as readonly Node[];
    if (distance!.op === 'const') return { base: base!, offset: distance!.attr.value };
  }
  return { base: node, offset: 0n };
}

/** Whether `size` bytes at one address and `otherSize` at the other are known to have none in common. */
export function disjoint(one: Address, size: number, other: Address, otherSize: number): boolean {
  if (one.base !== other.base) return false;
  const ahead = BigInt.asUintN(64, other.offset - one.offset);
  const behind = BigInt.asUintN(64, one.offset - other.offset);
  return ahead >= BigInt(size) && behind >= BigInt(otherSize);
}

export const sameAddress = (one: Address, other: Address): boolean =>
  one.base === other.base && one.offset === other.offset;

const offsetBasis = 0xcbf2_9ce4_8422_2325n;
const prime = 0x100_0000_01b3n;

/**
 * FNV-1a, 64 bits, of numbers one after the other (bytes, by its definition: draft-eastlake-fnv). `before`: the hash of those that come
 * before. Tells content apart where nobody means harm.
 */
export function fnv1a(content: Iterable<number>, before = offsetBasis): bigint {
  let hash = before;
  for (const number of content) hash = BigInt.asUintN(64, (hash ^ BigInt(number)) * prime);
  return hash;
}

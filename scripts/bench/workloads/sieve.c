/* Integer, stores: the sieve of Eratosthenes over 128 Ki flags. */
#include "workload.h"

enum { size = 1 << 17 };
static unsigned char flags[size];

uint64_t run(uint64_t rounds) {
  uint64_t primes = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    memset(flags, 1, size);
    for (uint32_t i = 2; i < size; i++) {
      if (!flags[i]) continue;
      primes++;
      for (uint32_t j = 2 * i; j < size; j += i) flags[j] = 0;
    }
  }
  return primes;
}

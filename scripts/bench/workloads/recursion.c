/* Integer, calls: Fibonacci numbers and Ackermann's function, by recursion. */
#include "workload.h"

__attribute__((noinline)) static uint64_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
__attribute__((noinline)) static uint32_t ackermann(uint32_t m, uint32_t n) {
  return m == 0 ? n + 1 : ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

uint64_t run(uint64_t rounds) {
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) sum += fibonacci(20 + round % 3) + ackermann(2, 40);
  return sum;
}

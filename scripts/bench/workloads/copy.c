/* Integer, memory: copying and adding arrays of 4 MiB. */
#include "workload.h"

enum { words = 1 << 19 };
static uint64_t from[words], to[words];

uint64_t run(uint64_t rounds) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < words; i++) from[i] = i * 0x9e3779b97f4a7c15u;
  for (uint64_t round = 0; round < rounds; round++) {
    memcpy(to, from, sizeof to);
    for (uint32_t i = 0; i < words; i++) to[i] += from[i] + round;
    for (uint32_t i = 0; i < words; i += 8) sum += to[i];
  }
  return sum;
}

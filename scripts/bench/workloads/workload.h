/* Each workload defines `run`: the work of so many rounds, giving a checksum that depends on all of it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t run(uint64_t rounds);

int main(int argc, char **argv) {
  printf("%016llx\n", (unsigned long long)run(argc > 1 ? strtoull(argv[1], 0, 10) : 1));
  return 0;
}

/* A linear congruential generator (Knuth's MMIX constants), the high half of its state. */
static inline uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 32);
}

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

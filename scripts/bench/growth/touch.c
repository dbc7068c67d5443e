/* Writes to every page of so many MiB, twice, and computes for a while on them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  uint64_t size = (argc > 1 ? strtoull(argv[1], 0, 10) : 1) << 20;
  unsigned char *bytes = malloc(size);
  uint64_t sum = 0;
  if (!bytes) return 1;
  for (int round = 1; round <= 2; round++)
    for (uint64_t at = 0; at < size; at += 64) bytes[at] = (unsigned char)(at / 4096 * round);
  for (uint64_t at = 0; at < size; at += 64) sum = sum * 31 + bytes[at];
  printf("%016llx\n", (unsigned long long)sum);
  return 0;
}

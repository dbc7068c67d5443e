/* Memory: malloc, realloc, mmap, a hash table, quicksort and recursion over some megabytes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static uint64_t state = 88172645463325252u;
static uint64_t next(void) { return state ^= state << 13, state ^= state >> 7, state ^= state << 17; }

static int ascending(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

struct entry {
  struct entry *following;
  uint64_t key, count;
};

int main(int argc, char **argv) {
  size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
  uint64_t *numbers = malloc(n * sizeof *numbers);
  for (size_t i = 0; i < n; i++) numbers[i] = next();
  qsort(numbers, n, sizeof *numbers, ascending);
  uint64_t digest = 0;
  for (size_t i = 0; i < n; i++) digest = digest * 31 + numbers[i];
  printf("sorted %016lx\n", digest);

  enum { buckets = 4096 };
  struct entry **table = calloc(buckets, sizeof *table);
  size_t distinct = 0;
  for (size_t i = 0; i < n * 4; i++) {
    uint64_t key = next() % n;
    struct entry *entry = table[key % buckets];
    while (entry && entry->key != key) entry = entry->following;
    if (!entry) {
      entry = malloc(sizeof *entry);
      *entry = (struct entry){table[key % buckets], key, 0};
      table[key % buckets] = entry;
      distinct++;
    }
    entry->count++;
  }
  printf("distinct %zu\n", distinct);

  char *text = NULL;
  size_t length = 0;
  for (int i = 0; i < 2000; i++) {
    text = realloc(text, length + 16);
    length += (size_t)sprintf(text + length, "%d,", i);
  }
  printf("text %zu %.12s\n", length, text + length - 12);

  size_t reserved = (size_t)256 << 20;
  char *region = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  mprotect(region + (128 << 20), 65536, PROT_READ | PROT_WRITE);
  memset(region + (128 << 20), 7, 65536);
  madvise(region + (128 << 20), 4096, MADV_DONTNEED);
  printf("reserved %d, dropped %d, kept %d\n", region != MAP_FAILED, region[128 << 20], region[(128 << 20) + 4096]);
  return munmap(region, reserved);
}

/* Integer, branches and loads: quicksort of 64 Ki words, then a hash table with linear probing. */
#include "workload.h"

enum { count = 1 << 16, slots = 1 << 18 };
static uint32_t values[count], table[slots];

static void quicksort(int32_t low, int32_t high) {
  while (low < high) {
    uint32_t pivot = values[(low + high) / 2];
    int32_t i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        uint32_t other = values[i];
        values[i++] = values[j];
        values[j--] = other;
      }
    }
    if (j - low < high - i) {
      quicksort(low, j);
      low = i;
    } else {
      quicksort(i, high);
      high = j;
    }
  }
}

static int insert(uint32_t value) {
  uint32_t at = (value * 2654435761u) >> 14;
  for (; table[at]; at = (at + 1) % slots)
    if (table[at] == value) return 0;
  table[at] = value;
  return 1;
}

uint64_t run(uint64_t rounds) {
  uint64_t state = 1, sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (int i = 0; i < count; i++) values[i] = next_random(&state) | 1;
    quicksort(0, count - 1);
    memset(table, 0, sizeof table);
    for (int i = 0; i < count; i++) sum += insert(values[i]) * (uint64_t)i;
    sum ^= values[round % count];
  }
  return sum;
}

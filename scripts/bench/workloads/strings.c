/* Integer, library calls: copying, comparing and formatting records and strings. */
#include "workload.h"

struct record {
  struct record *other;
  int kind, value;
  char name[32];
};
static struct record first, second;

static int compare(const char *a, const char *b) {
  int i = 0;
  while (a[i] && a[i] == b[i]) i++;
  return a[i] - b[i];
}

__attribute__((noinline)) static void exchange(struct record *a, struct record *b, int by) {
  struct record kept = *a;
  a->value += by;
  b->kind = a->value > b->value;
  b->other = a;
  strcpy(b->name, kept.name);
  b->name[by % 20] = (char)('a' + by % 26);
  b->value = compare(a->name, b->name) > 0 ? a->value - 3 : kept.value + 5;
}

uint64_t run(uint64_t rounds) {
  uint64_t sum = 0;
  char line[64];
  strcpy(first.name, "a record whose name is long");
  for (uint64_t round = 0; round < rounds * 100; round++) {
    exchange(&first, &second, (int)(round & 31));
    exchange(&second, &first, (int)(round % 7));
    sum += (uint64_t)(strlen(second.name) + (strcmp(first.name, second.name) < 0) + (uint32_t)second.value % 11);
    if (round % 50 == 0) sum += (uint64_t)snprintf(line, sizeof line, "%d %s", second.value, first.name) + line[0];
  }
  return sum;
}

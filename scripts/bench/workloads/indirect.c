/* Integer, indirect calls: a bytecode interpreter whose operations are reached through a table of functions. */
#include "workload.h"

struct machine {
  uint64_t stack[16];
  uint32_t top, pc;
  uint64_t counter;
};
typedef void (*operation)(struct machine *, uint8_t);

static void push(struct machine *m, uint8_t operand) { m->stack[m->top++ & 15] = operand; }
static void add(struct machine *m, uint8_t operand) { m->top--; m->stack[(m->top - 1) & 15] += m->stack[m->top & 15] + operand; }
static void multiply(struct machine *m, uint8_t operand) { m->stack[(m->top - 1) & 15] *= operand | 1u; }
static void mix(struct machine *m, uint8_t operand) { uint64_t *x = &m->stack[(m->top - 1) & 15]; *x ^= *x >> 7 ^ operand; }
static void keep(struct machine *m, uint8_t operand) { m->counter += m->stack[--m->top & 15] ^ operand; }
static void jump(struct machine *m, uint8_t operand) { m->pc = operand; }

static operation operations[] = {push, add, multiply, mix, keep, jump};
static const uint8_t program[][2] = {{0, 3}, {0, 9}, {1, 1}, {3, 5}, {2, 6}, {0, 200}, {1, 0}, {3, 77}, {2, 3}, {4, 1}, {5, 0}};

uint64_t run(uint64_t rounds) {
  struct machine m = {0};
  m.top = 8;
  for (uint64_t step = 0; step < rounds * 10000; step++) {
    const uint8_t *code = program[m.pc++];
    operations[code[0]](&m, code[1]);
  }
  return m.counter;
}

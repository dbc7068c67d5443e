/* Integer, mixed: list processing, a small matrix, a state machine over text, and CRC-16 of their results. */
#include "workload.h"

struct node {
  struct node *next;
  int16_t key, data;
};
enum { nodes = 256, side = 24 };
static struct node pool[nodes];
static int16_t left[side][side], right[side][side];
static int32_t product[side][side];
static const char text[] = "5012,1.05e-3,-78,+0x1F,abc,.5,12e+,9999999,-3.25,0,T0.3e-1F,+122,0.01e,-";

static uint16_t crc(uint16_t sum, uint32_t value) {
  for (int bit = 0; bit < 32; bit++, value >>= 1) sum = (sum ^ value) & 1 ? sum >> 1 ^ 0xa001 : sum >> 1;
  return sum;
}

static struct node *merge(struct node *a, struct node *b) {
  struct node head, *tail = &head;
  while (a && b) {
    struct node **least = a->key <= b->key ? &a : &b;
    tail = tail->next = *least;
    *least = (*least)->next;
  }
  tail->next = a ? a : b;
  return head.next;
}

static struct node *sorted(struct node *list, int length) {
  if (length < 2) {
    if (list) list->next = 0;
    return list;
  }
  struct node *middle = list;
  for (int i = 0; i < length / 2; i++) middle = middle->next;
  struct node *second = sorted(middle, length - length / 2);
  struct node *first = list;
  for (int i = 1; i < length / 2; i++) first = first->next;
  first->next = 0;
  return merge(sorted(list, length / 2), second);
}

static uint32_t machine(uint32_t seed) {
  enum { start, integer, fraction, exponent, bad, states } state = start;
  uint32_t visits[states] = {0};
  for (const char *p = text; *p; p++) {
    char c = (char)(*p ^ (seed % 7 == 0 && *p > '4'));
    switch (state) {
    case start: state = c == ',' ? start : c == '.' ? fraction : c >= '0' && c <= '9' ? integer : c == '+' || c == '-' ? integer : bad; break;
    case integer: state = c == ',' ? start : c == '.' ? fraction : c == 'e' ? exponent : c >= '0' && c <= '9' ? integer : bad; break;
    case fraction: state = c == ',' ? start : c == 'e' ? exponent : c >= '0' && c <= '9' ? fraction : bad; break;
    case exponent: state = c == ',' ? start : (c >= '0' && c <= '9') || c == '-' || c == '+' ? exponent : bad; break;
    default: state = c == ',' ? start : bad;
    }
    visits[state]++;
  }
  return visits[integer] * 3 + visits[fraction] * 5 + visits[exponent] * 7 + visits[bad];
}

uint64_t run(uint64_t rounds) {
  uint64_t state = 7;
  uint16_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (int i = 0; i < nodes; i++) pool[i] = (struct node){i + 1 < nodes ? &pool[i + 1] : 0, (int16_t)next_random(&state), (int16_t)i};
    int at = 0;
    for (struct node *n = sorted(pool, nodes); n; n = n->next) sum = crc(sum, (uint32_t)(n->data ^ at++));
    for (int i = 0; i < side * side; i++) left[i / side][i % side] = (int16_t)next_random(&state), right[i / side][i % side] = (int16_t)i;
    for (int i = 0; i < side; i++)
      for (int j = 0; j < side; j++) {
        int32_t dot = 0;
        for (int k = 0; k < side; k++) dot += left[i][k] * right[k][j];
        product[i][j] = dot >> 3;
      }
    sum = crc(sum, (uint32_t)product[round % side][3]);
    for (uint32_t i = 0; i < 16; i++) sum = crc(sum, machine(i + (uint32_t)round));
  }
  return sum;
}

/* Floating point: products of 96 × 96 matrices of doubles. */
#include "workload.h"

enum { side = 96 };
static double a[side][side], b[side][side], c[side][side];

uint64_t run(uint64_t rounds) {
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++) a[i][j] = (i + 1) / (j + 3.0), b[i][j] = (j - i) / 7.0;
  for (uint64_t round = 0; round < rounds; round++)
    for (int i = 0; i < side; i++)
      for (int j = 0; j < side; j++) {
        double dot = 0;
        for (int k = 0; k < side; k++) dot += a[i][k] * b[k][j];
        c[i][j] = dot + c[i][j] * 0.5;
      }
  uint64_t sum = 0;
  for (int i = 0; i < side; i++) sum ^= bits_of(c[i][side - 1 - i]);
  return sum;
}

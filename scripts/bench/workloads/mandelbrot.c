/* Floating point: iterations of z² + c over a grid. */
#include "workload.h"

uint64_t run(uint64_t rounds) {
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++)
    for (int y = 0; y < 32; y++)
      for (int x = 0; x < 32; x++) {
        double cr = x / 16.0 - 1.5, ci = y / 16.0 - 1.0, zr = 0, zi = 0;
        int steps = 0;
        while (steps < 200 && zr * zr + zi * zi < 4) {
          double next = zr * zr - zi * zi + cr;
          zi = 2 * zr * zi + ci;
          zr = next;
          steps++;
        }
        sum += (uint64_t)steps * (uint64_t)(x + 1);
      }
  return sum;
}

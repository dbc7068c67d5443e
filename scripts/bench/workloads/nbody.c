/* Floating point: five bodies under gravity, with divisions and square roots. */
#include "workload.h"
#include <math.h>

enum { bodies = 5 };
static double place[bodies][3], speed[bodies][3], mass[bodies];

static void advance(double step) {
  for (int i = 0; i < bodies; i++)
    for (int j = i + 1; j < bodies; j++) {
      double gap[3], square = 0;
      for (int axis = 0; axis < 3; axis++) {
        gap[axis] = place[i][axis] - place[j][axis];
        square += gap[axis] * gap[axis];
      }
      double pull = step / (square * sqrt(square));
      for (int axis = 0; axis < 3; axis++) {
        speed[i][axis] -= gap[axis] * mass[j] * pull;
        speed[j][axis] += gap[axis] * mass[i] * pull;
      }
    }
  for (int i = 0; i < bodies; i++)
    for (int axis = 0; axis < 3; axis++) place[i][axis] += step * speed[i][axis];
}

uint64_t run(uint64_t rounds) {
  for (int i = 0; i < bodies; i++) {
    mass[i] = 1.0 / (1 << 2 * i);
    for (int axis = 0; axis < 3; axis++) {
      place[i][axis] = i * (axis + 1.25) - axis * 0.5;
      speed[i][axis] = (i - 2) * 0.0625 * (axis + 1);
    }
  }
  for (uint64_t step = 0; step < rounds * 100; step++) advance(0.001);
  return bits_of(place[0][0]) ^ bits_of(place[4][2]);
}

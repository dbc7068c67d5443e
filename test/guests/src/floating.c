/* Floating point: printf and strtod, libm, rounding modes, exception flags, conversions, subnormals, NaN. */
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void flags(const char *what) {
  int raised = fetestexcept(FE_ALL_EXCEPT);
  printf("%s:%s%s%s%s%s\n", what, raised & FE_INEXACT ? " inexact" : "", raised & FE_UNDERFLOW ? " underflow" : "",
         raised & FE_OVERFLOW ? " overflow" : "", raised & FE_DIVBYZERO ? " divide-by-zero" : "", raised & FE_INVALID ? " invalid" : "");
  feclearexcept(FE_ALL_EXCEPT);
}

int main(void) {
  volatile double one = 1, three = 3, zero = 0, huge = 1e308, tiny = 4.9e-324;
  volatile float single = 16777217.0f;
  printf("%.17g %a %g %.30f\n", 0.1, M_PI, 1e-320, strtod("2.2250738585072011e-308", NULL));
  printf("%.17g %.17g %.17g %.17g\n", sin(one), exp(three), log(three), pow(three, 0.5));
  feclearexcept(FE_ALL_EXCEPT);
  volatile double sink;
  sink = one / three; flags("1/3");
  sink = one / zero; flags("1/0");
  sink = zero / zero; flags("0/0");
  sink = huge * huge; flags("huge*huge");
  sink = tiny / three; flags("tiny/3");
  sink = one + three; flags("1+3");
  sink = fma(one / three, three, -one); flags("fma");
  printf("fma %a sqrt %a\n", sink, sqrt(three));
  const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    printf("mode %d: %a %a %ld %ld\n", i, one / three, -one / three, lrint(2.5), lrint(-2.5));
  }
  fesetround(FE_TONEAREST);
  volatile double nan_value = zero / zero;
  volatile long to_long = (long)nan_value;
  volatile unsigned to_unsigned = (unsigned)(-one);
  printf("%ld %u %a %d %d\n", to_long, to_unsigned, (double)single, isnan(nan_value), nan_value == nan_value);
  double sum = 0;
  for (int i = 1; i <= 100000; i++) sum += 1.0 / i;
  uint64_t bits;
  memcpy(&bits, &sum, 8);
  printf("harmonic %016lx %.15f\n", bits, sum);
  return 0;
}

/* Freestanding, with symbols: reads numbers from standard input, one a line, and prints how many, their sum and the largest. */
static long system_call(long number, long a, long b, long c) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
}

static char input[64], line[96];

struct tally {
  unsigned long count, sum, largest;
};

__attribute__((noinline)) static void add(struct tally *tally, unsigned long number) {
  tally->count++;
  tally->sum += number;
  if (number > tally->largest) tally->largest = number;
}

__attribute__((noinline)) static char *text(char *at, const char *words) {
  while (*words) *at++ = *words++;
  return at;
}

__attribute__((noinline)) static char *number(char *at, unsigned long value) {
  if (value > 9) at = number(at, value / 10);
  *at = (char)('0' + value % 10);
  return at + 1;
}

__attribute__((noreturn)) void _start(void) {
  struct tally tally = {0, 0, 0};
  unsigned long value = 0;
  long length;
  while ((length = system_call(63, 0, (long)input, sizeof input)) > 0)
    for (long at = 0; at < length; at++) {
      if (input[at] == '\n') {
        add(&tally, value);
        value = 0;
      } else if (input[at] >= '0' && input[at] <= '9')
        value = value * 10 + (unsigned long)(input[at] - '0');
    }
  char *end = number(line, tally.count);
  end = number(text(end, " numbers, sum "), tally.sum);
  end = number(text(end, ", largest "), tally.largest);
  *end++ = '\n';
  system_call(64, 1, (long)line, end - line);
  system_call(93, 0, 0, 0);
  __builtin_unreachable();
}

/* Freestanding: no libc, no start files. A compute-bound loop (xorshift, multiply, table) that prints a checksum. */
typedef unsigned long u64;

static long system_call(long number, long a, long b, long c) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
}

static u64 table[1024];

static u64 compute(u64 rounds) {
  u64 state = 0x9e3779b97f4a7c15ul, sum = 0;
  for (u64 round = 0; round < rounds; round++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    u64 *slot = &table[state & 1023];
    *slot = *slot * 6364136223846793005ul + state;
    sum += *slot >> 32;
  }
  return sum;
}

static u64 parse(const char *text) {
  u64 value = 0;
  for (; *text >= '0' && *text <= '9'; text++) value = value * 10 + (u64)(*text - '0');
  return value;
}

__attribute__((noreturn, used)) static void start(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1);
  u64 sum = compute(argc > 1 ? parse(argv[1]) : 1000000);
  char line[17];
  for (int digit = 0; digit < 16; digit++) line[digit] = "0123456789abcdef"[(sum >> (60 - 4 * digit)) & 15];
  line[16] = '\n';
  system_call(64, 1, (long)line, 17);
  system_call(94, 0, 0, 0);
  __builtin_unreachable();
}

__attribute__((naked, noreturn)) void _start(void) {
  __asm__ volatile(".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\nmv a0, sp\ntail start");
}

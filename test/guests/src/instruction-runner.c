/*
 * Runs single instructions on given states: the guest half of the qemu-user oracle. Freestanding.
 * Standard input is a sequence of records, standard output one answer for each (little-endian, 784 bytes both):
 *   u64 code       the instruction's bytes (16 or 32 bits)     answer: 0 went on, 1 jumped 8 bytes ahead, 256 + signal
 *   u64 x[32]      x0 and x4 (tp, the runner's own) are ignored
 *   u64 f[32]
 *   u64 fcsr
 *   u8 memory[256] placed at 0x40000800, within a page that is readable and writable
 * The instruction lies at 0x100000 (build.sh places the section .code there).
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

struct record {
  u64 code;
  u64 x[32];
  u64 f[32];
  u64 fcsr;
  u8 memory[256];
};

struct record record __attribute__((used));
u64 saved[2] __attribute__((used));
static u8 signal_stack[32768] __attribute__((aligned(16)));
static u64 elsewhere;
extern u32 code[];
void run_case(void);
void resume_after_signal(void);

#define MEMORY 0x40000000ul

static long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a5 __asm__("a5") = f;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
  return a0;
}

/* Loads the record's state, runs the instruction at `code`, stores the state. tp points at the record throughout. */
__asm__(
    ".option push\n.option norvc\n.option norelax\n"
    ".macro each_x op\n"
    ".irp n,1,2,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    "\\op x\\n, 8+8*\\n(tp)\n.endr\n.endm\n"
    ".macro each_f op\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    "\\op f\\n, 264+8*\\n(tp)\n.endr\n.endm\n"
    ".text\n.globl run_case\nrun_case:\n"
    "  addi sp, sp, -112\n"
    "  sd ra, 0(sp)\n sd gp, 8(sp)\n"
    "  sd s0, 16(sp)\n sd s1, 24(sp)\n sd s2, 32(sp)\n sd s3, 40(sp)\n sd s4, 48(sp)\n sd s5, 56(sp)\n"
    "  sd s6, 64(sp)\n sd s7, 72(sp)\n sd s8, 80(sp)\n sd s9, 88(sp)\n sd s10, 96(sp)\n sd s11, 104(sp)\n"
    "  la t0, saved\n sd sp, 0(t0)\n"
    "  la tp, record\n"
    "  ld t0, 520(tp)\n fscsr t0\n"
    "  each_f fld\n each_x ld\n"
    "  j code\n"
    ".section .code,\"awx\",@progbits\n.globl code\ncode:\n"
    "  nop\n j went_on\n j jumped\n"
    ".text\n"
    "went_on:\n  sd zero, 0(tp)\n j store_state\n"
    "jumped:\n  each_x sd\n li t0, 1\n sd t0, 0(tp)\n j store_floats\n"
    "store_state:\n  each_x sd\n"
    "store_floats:\n  each_f fsd\n  frcsr t0\n sd t0, 520(tp)\n"
    ".globl resume_after_signal\nresume_after_signal:\n"
    "  la t0, saved\n ld sp, 0(t0)\n"
    "  ld ra, 0(sp)\n ld gp, 8(sp)\n"
    "  ld s0, 16(sp)\n ld s1, 24(sp)\n ld s2, 32(sp)\n ld s3, 40(sp)\n ld s4, 48(sp)\n ld s5, 56(sp)\n"
    "  ld s6, 64(sp)\n ld s7, 72(sp)\n ld s8, 80(sp)\n ld s9, 88(sp)\n ld s10, 96(sp)\n ld s11, 104(sp)\n"
    "  addi sp, sp, 112\n  ret\n"
    ".option pop\n");

/* A trapped instruction has no effect: the answer keeps the state as given. */
static void on_signal(int number) {
  record.code = 256 + (u64)number;
  resume_after_signal();
}

static int transfer(long number, long file) {
  u8 *at = (u8 *)&record;
  for (long left = sizeof record; left > 0;) {
    long done = system_call(number, file, (long)at, left, 0, 0, 0);
    if (done <= 0) return 0;
    at += done;
    left -= done;
  }
  return 1;
}

__attribute__((noreturn, used)) static void start(void) {
  const long read = 63, write = 64, exit = 94, sigaltstack = 132, rt_sigaction = 134, mmap = 222;
  const u64 node_fer = 0x40000000, on_stack = 0x08000000;
  system_call(mmap, MEMORY, 4096, 3, 0x32, -1, 0);
  struct { void *stack; u64 flags, size; } alternate = {signal_stack, 0, sizeof signal_stack};
  system_call(sigaltstack, (long)&alternate, 0, 0, 0, 0, 0);
  struct { void (*handler)(int); u64 flags, mask; } action = {on_signal, node_fer | on_stack, 0};
  const int signals[] = {4, 5, 7, 8, 11};
  for (int i = 0; i < 5; i++) system_call(rt_sigaction, signals[i], (long)&action, 0, 8, 0, 0);
  volatile u8 *memory = (u8 *)MEMORY + 0x800;
  while (transfer(read, 0)) {
    for (int i = 0; i < 256; i++) memory[i] = record.memory[i];
    code[0] = (record.code & 3) == 3 ? (u32)record.code : (u32)(record.code & 0xffff) | 0x10000;
    /* An earlier case's reservation must not let this one's store-conditional succeed. */
    __asm__ volatile("fence.i\n sc.d zero, zero, (%0)" : : "r"(&elsewhere) : "memory");
    run_case();
    for (int i = 0; i < 256; i++) record.memory[i] = memory[i];
    if (!transfer(write, 1)) break;
  }
  system_call(exit, 0, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}

__attribute__((naked, noreturn)) void _start(void) {
  __asm__ volatile(".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\ntail start");
}

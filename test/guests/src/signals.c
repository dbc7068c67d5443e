/* Signals: handlers with siginfo, masks, an alternate stack, recovery from SIGSEGV, SIGFPE by raise, interval timers. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t seen, alarms, on_alternate;
static sigjmp_buf recovery;
static char alternate[65536];

static void note(int number) { seen = number; }
static void on_alarm(int number) { (void)number, alarms++; }

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  char here;
  on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
  printf("signal %d, code %d, address %p, alternate stack %d\n", number, info->si_code, info->si_addr, on_alternate);
  siglongjmp(recovery, 1);
}

static void skip_illegal(int number, siginfo_t *info, void *context) {
  (void)number, (void)info;
  ((ucontext_t *)context)->uc_mcontext.__gregs[0] += 4;
  seen = SIGILL;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  printf("raised: %d\n", seen);

  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  seen = 0;
  kill(getpid(), SIGUSR1);
  sigpending(&pending);
  printf("blocked: seen %d, pending %d\n", seen, sigismember(&pending, SIGUSR1));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  printf("unblocked: %d\n", seen);

  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, NULL);
  if (sigsetjmp(recovery, 1) == 0) *(volatile int *)0x18 = 1;
  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (sigsetjmp(recovery, 1) == 0) {
    printf("reading a read-only page: %d\n", page[5]);
    mprotect(page, 4096, PROT_NONE);
    mprotect(page, 4096, PROT_READ);
    munmap(page, 4096);
    *(volatile char *)0x20 = 1;
  }

  action.sa_sigaction = skip_illegal;
  sigaction(SIGILL, &action, NULL);
  __asm__ volatile(".4byte 0x0000000b");
  printf("skipped an illegal instruction: %d\n", seen);

  memset(&action, 0, sizeof action);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
  struct itimerval timer = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &timer, NULL);
  while (alarms < 5) pause();
  memset(&timer, 0, sizeof timer);
  setitimer(ITIMER_REAL, &timer, NULL);
  printf("alarms: %d\n", alarms >= 5);

  struct timespec before, after, nap = {2, 500000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&nap, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  printf("slept at least 2.5 s: %d\n", (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 2500);
  fflush(stdout);
  abort();
}

/* System calls beyond the everyday ones: exec, wait, job control, signals waited for, POSIX timers, futexes, clocks, limits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t seen, counted;
static void note(int number) { seen = number; }
static void count(int number) { (void)number, counted++; }

static void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(number, &action, NULL);
}

static void processes(const char *self) {
  int status, ends[2];
  pid_t child = fork();
  if (child == 0) {
    char *const arguments[] = {"renamed", "child", "argument", NULL}, *const environment[] = {"FROM=parent", NULL};
    execve(self, arguments, environment);
    _exit(99);
  }
  waitpid(child, &status, 0);
  printf("exec: exit %d\n", WEXITSTATUS(status));
  printf("exec of nothing: %s\n", execl("/nothing", "nothing", NULL) < 0 ? strerror(errno) : "done");

  child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    _exit(3);
  }
  waitpid(child, &status, WUNTRACED);
  printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
  kill(child, SIGCONT);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
  printf("waitid: code %d, status %d, same child %d\n", info.si_code, info.si_status, info.si_pid == child);
  printf("still there: %d\n", waitpid(child, &status, 0) == child);
  printf("no more children: %s\n", wait(NULL) < 0 ? strerror(errno) : "?");

  if (pipe(ends) < 0) return;
  child = vfork();
  if (child == 0) _exit(write(ends[1], "v", 1) == 1 ? 0 : 1);
  char byte;
  printf("vfork: %zd\n", read(ends[0], &byte, 1));
  waitpid(child, NULL, 0);
  handle(SIGPIPE, note, 0);
  close(ends[0]);
  printf("broken pipe: %s, signal %d\n", write(ends[1], "x", 1) < 0 ? strerror(errno) : "?", seen);
  close(ends[1]);
}

static void signals(void) {
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, &old);
  union sigval value = {.sival_int = 77};
  sigqueue(getpid(), SIGUSR1, value);
  siginfo_t info;
  struct timespec soon = {0, 1000000};
  printf("sigtimedwait: %d", sigtimedwait(&set, &info, &soon));
  printf(", value %d, code %d", info.si_value.sival_int, info.si_code);
  printf(", then %s\n", sigtimedwait(&set, &info, &soon) < 0 ? strerror(errno) : "?");
  handle(SIGUSR1, note, 0);
  kill(getpid(), SIGUSR1);
  seen = 0;
  sigset_t none;
  sigemptyset(&none);
  printf("sigsuspend: %s", sigsuspend(&none) < 0 ? strerror(errno) : "?");
  printf(", handled %d\n", seen);
  sigprocmask(SIG_SETMASK, &old, NULL);

  sigset_t real;
  sigemptyset(&real);
  sigaddset(&real, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &real, NULL);
  for (int i = 1; i <= 3; i++) {
    value.sival_int = i;
    sigqueue(getpid(), SIGRTMIN, value);
  }
  printf("queued:");
  for (int i = 0; i < 3; i++) printf(" %d", sigwaitinfo(&real, &info) == SIGRTMIN ? info.si_value.sival_int : -1);
  puts("");
}

static void timers(void) {
  handle(SIGUSR2, count, 0);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
  timer_t timer;
  printf("timer_create: %d\n", timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec every = {{0, 2000000}, {0, 2000000}}, left;
  timer_settime(timer, 0, &every, NULL);
  while (counted < 3) pause();
  timer_gettime(timer, &left);
  printf("timer: interval %ld, armed %d\n", left.it_interval.tv_nsec, left.it_value.tv_nsec > 0);
  printf("timer_delete: %d, again %s\n", timer_delete(timer), timer_delete(timer) < 0 ? strerror(errno) : "?");

  handle(SIGALRM, note, 0);
  seen = 0;
  alarm(1);
  struct timespec nap = {5, 0}, rest = {0, 0};
  int interrupted = nanosleep(&nap, &rest);
  printf("nanosleep: %s, rest about 4 s %d, alarm %d\n", interrupted < 0 ? strerror(errno) : "slept", rest.tv_sec >= 3 && rest.tv_sec <= 4, seen);
  struct timespec now, until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += 1;
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("absolute sleep reached: %d\n", now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec));
}

static uint32_t word, other;
static long futex(uint32_t *at, int operation, uint32_t value, uintptr_t timeout, uint32_t *second, uint32_t third) {
  return syscall(SYS_futex, at, operation, value, timeout, second, third);
}
static void *wait_for_word(void *unused) {
  (void)unused;
  return (void *)futex(&word, FUTEX_WAIT_PRIVATE, 0, 0, NULL, 0);
}
static void *die_holding(void *mutex) {
  pthread_mutex_lock(mutex);
  return NULL;
}

static void futexes(void) {
  struct timespec soon = {0, 1000000};
  printf("changed word: %s\n", futex(&word, FUTEX_WAIT_PRIVATE, 1, 0, NULL, 0) < 0 ? strerror(errno) : "?");
  printf("time-out: %s\n", futex(&word, FUTEX_WAIT_PRIVATE, 0, (uintptr_t)&soon, NULL, 0) < 0 ? strerror(errno) : "?");
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, wait_for_word, NULL);
  usleep(20000);
  long moved = futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, &other, 0);
  printf("requeue: %ld\n", moved);
  other = 5;
  long woken = futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, 2, &other, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5));
  printf("wake-op: %ld, value %u\n", woken, other);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);

  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, &attributes);
  pthread_t thread;
  pthread_create(&thread, NULL, die_holding, &mutex);
  pthread_join(thread, NULL);
  printf("robust mutex: %s\n", strerror(pthread_mutex_lock(&mutex)));
}

static void the_rest(void) {
  struct utsname name;
  uname(&name);
  printf("machine %s\n", name.machine);
  struct rlimit limit;
  printf("getrlimit: %d\n", getrlimit(RLIMIT_NOFILE, &limit));
  char title[16] = "";
  prctl(PR_SET_NAME, "a-long-thread-name");
  prctl(PR_GET_NAME, title);
  printf("name %s\n", title);
  cpu_set_t cpus;
  printf("affinity: %d\n", sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) > 0);
  unsigned char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  map[0] = 1;
  map = mremap(map, 8192, 1 << 20, MREMAP_MAYMOVE);
  printf("mremap: %d %d\n", map[0], map[(1 << 20) - 1]);
  printf("munmap misaligned: %s\n", munmap(map + 1, 4096) < 0 ? strerror(errno) : "?");
  printf("bad descriptor: %s\n", close(1000) < 0 ? strerror(errno) : "?");
  printf("bad pointer: %s\n", write(1, (void *)8, 4) < 0 ? strerror(errno) : "?");
  printf("unknown call: %s\n", syscall(5000) < 0 ? strerror(errno) : "?");
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (argc > 1) {
    printf("%s: %s %s, FROM=%s\n", argv[0], argv[1], argv[2], getenv("FROM"));
    return 7;
  }
  processes("/proc/self/exe");
  signals();
  timers();
  futexes();
  the_rest();
  return 0;
}

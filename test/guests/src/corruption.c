/* A variable that another thread overwrites by accident, for debugging sessions. Its compiled form is not committed. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static struct {
  char name[8];
  long balance;
} account = {"", 1000};

static volatile long ticks;

__attribute__((noinline)) static void rename_account(const char *name) {
  for (int at = 0; name[at]; at++) account.name[at] = name[at];
}

static void *worker(void *argument) {
  for (int round = 0; round < 30000; round++) {
    ticks++;
    if (round == 17000) rename_account("much too long");
  }
  return argument;
}

__attribute__((noinline)) static void report(long balance) { printf("balance %ld\n", balance); }

int main(void) {
  pthread_t other;
  pthread_create(&other, 0, worker, 0);
  for (int round = 0; round < 2000; round++) {
    ticks++;
    if (round % 500 == 0) getppid();
  }
  pthread_join(other, 0);
  report(account.balance);
  return 0;
}

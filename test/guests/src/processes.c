/* Processes: fork, pipe, wait, exit codes, a child killed by a signal, copy-on-fork memory. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int ends[2], value = 1, status;
  if (pipe(ends) < 0) return perror("pipe"), 1;
  pid_t child = fork();
  if (child < 0) return perror("fork"), 1;
  if (child == 0) {
    value = 2;
    char message[] = "from the child";
    if (write(ends[1], message, sizeof message) < 0) _exit(9);
    _exit(42);
  }
  char buffer[32];
  if (read(ends[0], buffer, sizeof buffer) < 0) return perror("read"), 1;
  waitpid(child, &status, 0);
  printf("%s, exit %d, parent's value %d\n", buffer, WEXITSTATUS(status), value);
  child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  kill(child, SIGTERM);
  waitpid(child, &status, 0);
  printf("signaled %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
  return 0;
}

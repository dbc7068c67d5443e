/* Files: create, write, seek, read, rename, directories, links, pipes, poll, epoll, eventfd. Works below argv[1]. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK(call) \
  do { \
    if ((call) < 0) { \
      printf("%s: %s\n", #call, strerror(errno)); \
      return 1; \
    } \
  } while (0)

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(int argc, char **argv) {
  const char *root = argc > 1 ? argv[1] : "/tmp";
  CHECK(chdir(root));
  CHECK(mkdir("work", 0755));
  CHECK(chdir("work"));
  FILE *file = fopen("numbers.txt", "w+");
  if (!file) return perror("numbers.txt"), 1;
  for (int i = 0; i < 1000; i++) fprintf(file, "%d\n", i * i);
  fseek(file, 0, SEEK_SET);
  long sum = 0, value;
  while (fscanf(file, "%ld", &value) == 1) sum += value;
  fclose(file);
  struct stat status;
  CHECK(stat("numbers.txt", &status));
  printf("sum %ld, size %ld, mode %o\n", sum, (long)status.st_size, status.st_mode & 0777);
  CHECK(rename("numbers.txt", "renamed.txt"));
  CHECK(symlink("renamed.txt", "link"));
  char target[64] = {0};
  CHECK(readlink("link", target, sizeof target - 1));
  CHECK(truncate("link", 10));
  CHECK(stat("renamed.txt", &status));
  printf("link to %s, truncated to %ld\n", target, (long)status.st_size);
  printf("missing: %d, ", open("missing", O_RDONLY) < 0 ? errno : 0);
  printf("not a directory: %d, ", open("renamed.txt/x", O_RDONLY) < 0 ? errno : 0);
  printf("not empty: %d\n", rmdir("../work") < 0 ? errno : 0);
  DIR *directory = opendir(".");
  char *names[16];
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory));) names[count++] = strdup(entry->d_name);
  closedir(directory);
  qsort(names, count, sizeof *names, by_name);
  for (int i = 0; i < count; i++) printf("%s%s", names[i], i + 1 < count ? " " : "\n");

  int ends[2];
  CHECK(pipe(ends));
  int event = eventfd(3, EFD_NONBLOCK);
  int set = epoll_create1(0);
  struct epoll_event interest = {.events = EPOLLIN, .data.u32 = 1};
  CHECK(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &interest));
  interest.data.u32 = 2;
  CHECK(epoll_ctl(set, EPOLL_CTL_ADD, event, &interest));
  struct epoll_event ready[4];
  int n = epoll_wait(set, ready, 4, 0);
  printf("epoll: %d ready, first %u\n", n, ready[0].data.u32);
  uint64_t counter;
  CHECK(read(event, &counter, 8));
  CHECK(write(ends[1], "ping", 4));
  struct pollfd poll_set = {.fd = ends[0], .events = POLLIN};
  n = poll(&poll_set, 1, 1000);
  char buffer[8] = {0};
  CHECK(read(ends[0], buffer, sizeof buffer));
  printf("eventfd %lu, poll %d, pipe %s, timeout %d\n", (unsigned long)counter, n, buffer, epoll_wait(set, ready, 4, 10));

  CHECK(unlink("link"));
  CHECK(unlink("renamed.txt"));
  CHECK(chdir(".."));
  CHECK(rmdir("work"));
  puts("cleaned up");
  return 0;
}

/* Arguments, environment and exit code: prints each, exits with the number of arguments. */
#include <stdio.h>

extern char **environ;

int main(int argc, char **argv) {
  puts("hello, world");
  for (int i = 1; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
  for (char **entry = environ; *entry; entry++) printf("environment: %s\n", *entry);
  return argc - 1;
}

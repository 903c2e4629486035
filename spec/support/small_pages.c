/*
** Becomes a program whose memory the kernel gives in small pages: `small_pages
** PROGRAM …`. Some systems give two megabytes at a time to whoever has asked
** for a few, and what a process holds says little there. A system that does not
** know the call gives small ones only.
*/
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}

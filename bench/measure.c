/*
** Runs a program and says what it took: `measure LIMIT_S OUTPUT PROGRAM …`.
** Its stdout goes to the file OUTPUT, its stderr to OUTPUT.err. Prints seconds of
** wall, user and system time, the most KiB that any of its processes held,
** and its exit status (128 and the signal's number where one ended it).
**
** The kernel counts the memory of whoever forks into the peak of what is
** started: hence a program this small, and not the Lua that runs the rounds.
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;

/* Ends all processes of the program: it leads a group of its own. */
static void end_child(int signal_number) {
  (void)signal_number;
  if (child > 0) kill(-child, SIGKILL);
}

static void send_to(const char *path, int descriptor) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) {
    perror(path);
    _exit(126);
  }
  close(file);
}

static void become(char **command, const char *output) {
  char errors[4096];
  snprintf(errors, sizeof errors, "%s.err", output);
  setpgid(0, 0);
  send_to("/dev/null", STDIN_FILENO);
  send_to(output, STDOUT_FILENO);
  send_to(errors, STDERR_FILENO);
  execvp(command[0], command);
  perror(command[0]);
  _exit(127);
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fputs("usage: measure LIMIT_S OUTPUT PROGRAM …\n", stderr);
    return 2;
  }
  signal(SIGALRM, end_child);
  signal(SIGINT, end_child);
  signal(SIGTERM, end_child);
  double began = now();
  child = fork();
  if (child < 0) {
    perror("fork");
    return 1;
  }
  if (child == 0) become(argv + 3, argv[2]);
  alarm((unsigned)atoi(argv[1]));
  struct rusage used;
  int status;
  while (wait4(child, &status, 0, &used) < 0)
    if (errno != EINTR) return 1;
  printf("%.6f %.6f %.6f %ld %d\n", now() - began, seconds(used.ru_utime),
    seconds(used.ru_stime), used.ru_maxrss,
    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  return 0;
}

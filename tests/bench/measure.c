/* Runs one command and says what it cost: a line of CPU seconds, wall seconds, peak resident memory
 * in KiB, exit status. Knows nothing of what it runs. The command's output goes nowhere. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void run(char **command, unsigned limit)
{
	int null = open("/dev/null", O_RDWR);

	/* A group of its own, so that the limit ends all of a pipe's commands. */
	setpgid(0, 0);
	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(127);
	alarm(limit);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	struct rusage usage;
	int status;
	pid_t child;

	if (argc < 3) {
		fprintf(stderr, "usage: measure SECONDS COMMAND [ARGUMENT]...\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	child = fork();
	if (child == 0)
		run(argv + 2, (unsigned)strtoul(argv[1], NULL, 10));
	/* What the command waited for is in its usage, so a shell with a pipe is measured whole. */
	while (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		if (child > 0 && errno == EINTR)
			continue;
		fprintf(stderr, "measure: %s\n", strerror(errno));
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	kill(-child, SIGTERM);
	printf("%.6f %.6f %ld %d\n", seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
	       (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
	       usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

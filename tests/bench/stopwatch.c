/*
 * stopwatch: runs a command and prints how long it took, in milliseconds. It is a C program because
 * what is measured takes a few milliseconds, and a fork of perl or bash would be half of that.
 *
 *     stopwatch whole INPUT COMMAND…      until the command ends; INPUT is its standard input
 *     stopwatch shown TEXT,… COMMAND…     until each text is on the screen, in this order; the
 *                                         command has a terminal of its own and is killed then
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 10000

extern char **environ;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "stopwatch: %s: %s\n", what, why);
	exit(1);
}

static pid_t start(char *const command[], const char *in, const char *out, bool own_session)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, in, O_RDWR, 0);
	posix_spawn_file_actions_addopen(&files, 1, out, O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, own_session ? POSIX_SPAWN_SETSID : 0);
	int error = posix_spawnp(&pid, command[0], &files, &attr, command, environ);
	if (error != 0)
		die(command[0], strerror(error));
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return pid;
}

static void whole(const char *input, char *const command[])
{
	double begin = now_ms();
	pid_t pid = start(command, input, "/dev/null", false);
	int status;

	waitpid(pid, &status, 0);
	double took = now_ms() - begin;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(command[0], "it failed");
	printf("%.3f\n", took);
}

static int open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		die("terminal", strerror(errno));
	return master;
}

/* Reads on until the text is in what was shown; what has gone by is looked at once only. */
static void wait_for(int screen, const char *text, char *shown, size_t room, size_t *len)
{
	for (;;) {
		char *hit = strstr(shown, text);
		if (hit != NULL) {
			*len -= (size_t)(hit + strlen(text) - shown);
			memmove(shown, hit + strlen(text), *len + 1);
			return;
		}
		struct pollfd p = {.fd = screen, .events = POLLIN};
		ssize_t n = -1;
		if (*len + 1 < room && poll(&p, 1, PATIENCE_MS) == 1)
			n = read(screen, shown + *len, room - *len - 1);
		if (n <= 0) {
			fprintf(stderr, "%s\n", shown);
			die(text, "never on the screen, only the above");
		}
		*len += (size_t)n;
		shown[*len] = '\0';
	}
}

static void shown(char *texts, char *const command[])
{
	static char screen_text[1 << 16];
	size_t len = 0;
	int screen = open_terminal();
	double begin = now_ms();
	pid_t pid = start(command, ptsname(screen), "/dev/tty", true);

	for (char *text = strtok(texts, ","); text != NULL; text = strtok(NULL, ",")) {
		wait_for(screen, text, screen_text, sizeof(screen_text), &len);
		printf("%.3f\n", now_ms() - begin);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "whole") == 0)
		whole(argv[2], argv + 3);
	else if (argc > 3 && strcmp(argv[1], "shown") == 0)
		shown(argv[2], argv + 3);
	else
		die("usage", "stopwatch whole INPUT COMMAND… | stopwatch shown TEXT,… COMMAND…");
	return 0;
}

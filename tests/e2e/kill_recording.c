/*
 * usage: kill_recording SMTPTALK FOLDER TRIALS WORKERS    (SMTPTALK by its whole path)
 *
 * Starts smtptalk with --record again and again, plays its server, kills it with SIGKILL at a
 * random moment of a fast dialogue, and reads what is left with the reader of session files. A
 * command that came here proves that the exchange before it was over: it must be in the file. One
 * line on standard output tells what was met; the exit status is 1 when a file was not as it must
 * be, and that file stays in FOLDER.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session/file.h"

enum { COMMANDS = 40, LATEST_US = 400, EARLY_US = 12000, WAIT_S = 20 };

static const char script[] =
        "EHLO me\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nSubject: x\n\ntext\n.\n";

struct trial {
	const char *program;
	char socket[32], record[32], input[32]; /* in the folder */
	int listener;
	unsigned seed;
	size_t came;    /* commands that want a reply */
	size_t replies; /* that were sent, the greeting included */
	bool text;
};

struct totals {
	size_t killed, complete, absent, empty, exact, behind;
};

static void die(const char *what)
{
	fprintf(stderr, "kill_recording: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void rest(unsigned us)
{
	struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};

	nanosleep(&t, NULL);
}

/* --- the server --- */

static void reply(struct trial *t, int fd, const char *line)
{
	char text[100];
	int n;

	if (strcmp(line, "DATA") == 0)
		n = snprintf(text, sizeof(text), "354 %zu\r\n", t->replies);
	else if (strcmp(line, "EHLO me") == 0)
		n = snprintf(text, sizeof(text), "250-%zu\r\n250 SIZE\r\n", t->replies);
	else
		n = snprintf(text, sizeof(text), "%s %zu\r\n",
		             strcmp(line, "QUIT") == 0 ? "221" : "250", t->replies);
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) == n)
		t->replies++;
}

static void command(struct trial *t, int fd, const char *line, bool answer)
{
	if (t->text && strcmp(line, ".") != 0)
		return;
	t->came++;
	t->text = strcmp(line, "DATA") == 0;
	if (answer)
		reply(t, fd, line);
}

/* Until `until` commands came, or nothing more comes. */
static void serve(struct trial *t, int fd, size_t until, bool answer)
{
	static char line[2000];
	static size_t len;
	char c;

	if (answer)
		len = 0;
	while (t->came < until && read(fd, &c, 1) == 1) {
		if (c == '\n') {
			line[len > 0 && line[len - 1] == '\r' ? len - 1 : len] = '\0';
			len = 0;
			command(t, fd, line, answer);
		} else if (len < sizeof(line) - 1) {
			line[len++] = c;
		}
	}
}

/* --- one trial --- */

static pid_t start(const struct trial *t, const char *address)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (!freopen(t->input, "r", stdin) || !freopen("/dev/null", "w", stdout))
		_exit(3);
	execl(t->program, t->program, "--record", t->record, address, (char *)NULL);
	_exit(3);
}

static void play(struct trial *t, pid_t pid, size_t until)
{
	struct timeval patience = {.tv_sec = WAIT_S};
	int fd = accept(t->listener, NULL, NULL);

	if (fd < 0)
		die("nobody connects");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, "220 0\r\n", 7, MSG_NOSIGNAL) == 7)
		t->replies++;
	serve(t, fd, until, true);
	rest((unsigned)rand_r(&t->seed) % LATEST_US);
	kill(pid, SIGKILL);
	serve(t, fd, COMMANDS, false); /* what was on its way */
	close(fd);
}

/* Replies in the file; each has its number. */
static size_t replies_in(const struct session_file *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++) {
		const struct session_step *s = &f->steps[i];

		if (s->type != SESSION_SERVER_LINE || s->len < 5 ||
		    strcmp(s->text, "250 SIZE") == 0)
			continue;
		if (strtoul(s->text + 4, NULL, 10) != n)
			return SIZE_MAX;
		n++;
	}
	return n;
}

static const char *judge(const struct trial *t, struct totals *sum)
{
	struct session_file *f;
	struct diags ds;
	struct stat st;
	const char *wrong = NULL;
	size_t found;

	if (stat(t->record, &st) != 0) {
		sum->absent++;
		return t->came == 0 ? NULL : "there is no file";
	}
	diags_init(&ds);
	f = session_file_load(t->record, &ds);
	if (!f) {
		diags_release(&ds);
		return "it cannot be read";
	}
	found = replies_in(f);
	if (found == SIZE_MAX)
		wrong = "replies are out of order";
	else if (found > t->replies)
		wrong = "it has more replies than were sent";
	else if (found < t->came)
		wrong = "an exchange is missing that was over";
	else if (f->warnings.count == 0 && t->came < COMMANDS)
		wrong = "it does not say that it was cut off";
	sum->empty += st.st_size == 0;
	sum->complete += f->warnings.count == 0;
	sum->exact += found == t->replies;
	sum->behind += found < t->replies;
	session_file_free(f);
	diags_release(&ds);
	return wrong;
}

static bool try(struct trial *t, struct totals *sum)
{
	char address[48];
	const char *wrong;
	struct pollfd waits = {t->listener, POLLIN, 0};
	bool early;
	int status = 0;
	pid_t pid;

	unlink(t->record);
	t->came = t->replies = 0;
	t->text = false;
	snprintf(address, sizeof(address), "unix:%s", t->socket);
	early = rand_r(&t->seed) % 10 == 0;
	pid = start(t, address);
	if (early) {
		rest((unsigned)rand_r(&t->seed) % EARLY_US);
		kill(pid, SIGKILL);
	} else {
		play(t, pid, (size_t)rand_r(&t->seed) % (COMMANDS + 1));
	}
	waitpid(pid, &status, 0);
	sum->killed += WIFSIGNALED(status);
	while (early && poll(&waits, 1, 0) == 1) /* nobody served it */
		close(accept(t->listener, NULL, NULL));
	wrong = judge(t, sum);
	if (wrong)
		printf("%s: %s; commands %zu, replies %zu\n", t->record, wrong, t->came,
		       t->replies);
	return !wrong;
}

/* --- all of them --- */

static void prepare(struct trial *t, const char *program, int worker)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	FILE *f;

	t->program = program;
	t->seed = (unsigned)worker + 1;
	snprintf(t->socket, sizeof(t->socket), "%d.sock", worker);
	snprintf(t->record, sizeof(t->record), "%d.smtp", worker);
	snprintf(t->input, sizeof(t->input), "%d.in", worker);
	f = fopen(t->input, "w");
	if (!f)
		die(t->input);
	fputs(script, f);
	for (int i = 6; i < COMMANDS; i++)
		fputs("NOOP\n", f);
	fputs("QUIT\n", f);
	fclose(f);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", t->socket);
	t->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(t->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(t->listener, 5) != 0)
		die(t->socket);
}

static int work(const char *program, int worker, int trials)
{
	struct trial t = {.listener = -1};
	struct totals sum = {0};
	struct timeval patience = {.tv_sec = WAIT_S};

	prepare(&t, program, worker);
	setsockopt(t.listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < trials; i++)
		if (!try(&t, &sum))
			return 1;
	printf("trials %d, killed %zu, no file yet %zu, empty %zu, whole %zu, all replies %zu, the "
	       "last missing %zu\n",
	       trials, sum.killed, sum.absent, sum.empty, sum.complete, sum.exact, sum.behind);
	return 0;
}

int main(int argc, char **argv)
{
	int status, bad = 0;

	if (argc != 5) {
		fputs("usage: kill_recording SMTPTALK FOLDER TRIALS WORKERS\n", stderr);
		return 2;
	}
	if (chdir(argv[2]) != 0)
		die(argv[2]);
	int workers = atoi(argv[4]), trials = atoi(argv[3]);

	for (int w = 0; w < workers; w++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0)
			exit(work(argv[1], w, trials / workers));
	}
	while (wait(&status) > 0)
		bad |= !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	return bad;
}

/*
 * The offset of the last whole piece is kept here and not asked from the file, because it is the
 * one thing that a failed write must not lose. O_NONBLOCK is for FIFOs: neither opening nor writing
 * one may stop the conversation.
 */
#include "session/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"
#include "base/mem.h"
#include "session/file.h"

#define END_ROOM 1024 /* of the file, for its last line */
#define FLAGS    (O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

struct recording {
	char *path;
	int fd;       /* -1: it failed */
	bool regular; /* a file that can be cut back */
	size_t bytes; /* so much was written, all of it whole */
	size_t lines;
	bool failed;
};

static int fail(const char *path, struct diag *d, enum diag_kind kind, const char *what)
{
	char *shown = display_dup(span_of(path), 300);

	diag_set(d, kind, shown, "%s", what);
	free(shown);
	return -1;
}

/* --- opening --- */

static bool is_recording(int fd)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	struct span rest = span_from(text, n > 0 ? (size_t)n : 0);
	struct span first = span_cut(&rest, '\n');

	return span_eq(first, SPAN("@smtptalk 1")) && span_starts(rest, SPAN(RECORDING_BEGIN));
}

static enum recording_place judge(int fd, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || st->st_size == 0)
		return RECORDING_FREE;
	return is_recording(fd) ? RECORDING_EARLIER : RECORDING_TAKEN;
}

enum recording_place recording_look(const char *path)
{
	enum recording_place place = RECORDING_FREE;
	struct stat st;
	int fd = -1;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		place = RECORDING_TAKEN;
	if (place == RECORDING_TAKEN)
		fd = open(path, O_RDONLY | FLAGS);
	if (fd >= 0) {
		place = judge(fd, &st);
		close(fd);
	}
	return place;
}

static int refuse(const char *path, enum recording_place place, struct diag *d)
{
	fail(path, d, DIAG_USAGE,
	     "this file exists and is not empty, so nothing was recorded to it");
	if (place == RECORDING_EARLIER)
		diag_hint(d,
		          "it is an earlier recording: --yes overwrites it, another name keeps it");
	else
		diag_hint(d, "choose another name");
	return -1;
}

/* One that exists already. */
static int open_old(const char *path, bool overwrite, struct diag *d)
{
	enum recording_place place = RECORDING_FREE;
	struct stat st;
	int fd;

	if (stat(path, &st) != 0)
		return fail(path, d, DIAG_INPUT, strerror(errno));
	fd = open(path, (S_ISREG(st.st_mode) ? O_RDWR : O_WRONLY) | FLAGS);
	if (fd < 0 || fstat(fd, &st) != 0) {
		fail(path, d, DIAG_INPUT,
		     errno == ENXIO ? "nobody reads from this FIFO" : strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	place = judge(fd, &st);
	if (place == RECORDING_TAKEN || (place == RECORDING_EARLIER && !overwrite))
		refuse(path, place, d);
	else if (!S_ISREG(st.st_mode) || ftruncate(fd, 0) == 0)
		return fd;
	else
		fail(path, d, DIAG_INPUT, strerror(errno));
	close(fd);
	return -1;
}

struct recording *recording_open(const char *path, bool overwrite, struct span head, struct diag *d)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | FLAGS, 0600);
	struct recording *r;
	struct stat st;

	if (fd < 0 && errno != EEXIST)
		fail(path, d, DIAG_INPUT, strerror(errno));
	else if (fd < 0)
		fd = open_old(path, overwrite, d);
	if (fd < 0)
		return NULL;
	r = mem_zero(sizeof(*r));
	r->path = mem_dup(path);
	r->fd = fd;
	r->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (recording_add(r, head, d) == 0)
		return r;
	recording_close(r, SPAN(""), NULL);
	return NULL;
}

/* --- writing --- */

/* One write, unless a signal or a full disk made it short: then the rest tells which it was. */
static size_t write_all(int fd, struct span piece)
{
	size_t done = 0;

	while (done < piece.n) {
		ssize_t n = write(fd, piece.p + done, piece.n - done);

		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	return done;
}

size_t recording_lines(struct span piece)
{
	size_t n = 0;

	while (piece.p) {
		struct span line = span_cut(&piece, '\n');

		n += line.n > 0 && line.p[0] != '#';
	}
	return n;
}

/* NULL when all of it was written. */
static const char *put(struct recording *r, struct span piece, size_t reserve)
{
	size_t lines = recording_lines(piece);

	if (r->regular && (r->bytes + piece.n + reserve > SESSION_FILE_MAX ||
	                   r->lines + lines > SESSION_STEPS_MAX))
		return "a session file holds 16 MiB and 200,000 lines, and this one is full";
	if (write_all(r->fd, piece) == piece.n) {
		r->bytes += piece.n;
		r->lines += lines;
		return NULL;
	}
	return errno == EAGAIN ? "whoever reads it does not keep up" : strerror(errno);
}

static int add(struct recording *r, struct span piece, size_t reserve, struct diag *d)
{
	const char *why;

	if (r->failed || piece.n == 0)
		return 0;
	why = put(r, piece, reserve);
	if (!why)
		return 0;
	r->failed = true;
	fail(r->path, d, DIAG_INPUT, why);
	if (r->regular && ftruncate(r->fd, (off_t)r->bytes) != 0)
		diag_hint(d, "its end could not be cut off, so it may be half an exchange");
	close(r->fd);
	r->fd = -1;
	return -1;
}

int recording_add(struct recording *r, struct span piece, struct diag *d)
{
	return add(r, piece, END_ROOM, d);
}

bool recording_failed(const struct recording *r)
{
	return r->failed;
}

const char *recording_path(const struct recording *r)
{
	return r->path;
}

int recording_close(struct recording *r, struct span last, struct diag *d)
{
	int result;

	if (!r)
		return 0;
	result = add(r, last, 0, d);
	if (r->fd >= 0 && close(r->fd) != 0)
		result = fail(r->path, d, DIAG_INPUT, strerror(errno));
	free(r->path);
	free(r);
	return result;
}

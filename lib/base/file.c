/*
 * O_NONBLOCK and the look at the type come first: opening a FIFO or reading /dev/zero must not hang
 * the program that only wanted a small text.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"

#define PATH_SHOWN_MAX 300

static int fail(const char *path, struct diag *d, const char *why)
{
	char *shown = display_dup(span_of(path), PATH_SHOWN_MAX);

	diag_set(d, DIAG_INPUT, shown, "cannot read this file: %s", why);
	free(shown);
	return -1;
}

int file_open(const char *path, struct diag *d)
{
	struct stat st;
	const char *why = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return fail(path, d, strerror(errno));
	if (fstat(fd, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "it is not a regular file";
	if (why == NULL)
		return fd;
	close(fd);
	return fail(path, d, why);
}

ssize_t file_next(int fd, const char *path, void *to, size_t n, struct diag *d)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail(path, d, strerror(errno)) : got;
}

int file_read(const char *path, struct buf *out, struct diag *d)
{
	char block[16384];
	int fd = file_open(path, d);
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0) {
		n = file_next(fd, path, block, sizeof(block), d);
		if (n > 0 && buf_add(out, block, (size_t)n) < 0)
			n = fail(path, d, "it is larger than such a file may be");
	}
	if (fd >= 0)
		close(fd);
	return (int)n;
}

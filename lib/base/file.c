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

static const char *read_all(int fd, struct buf *out)
{
	char block[16384];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return strerror(errno);
		if (buf_add(out, block, (size_t)n) < 0)
			return "it is larger than such a file may be";
	}
	return NULL;
}

int file_read(const char *path, struct buf *out, struct diag *d)
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
	else
		why = read_all(fd, out);
	close(fd);
	return why != NULL ? fail(path, d, why) : 0;
}

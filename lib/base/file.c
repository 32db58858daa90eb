/*
 * O_NONBLOCK and the look at the type come first: opening a FIFO or reading /dev/zero must not hang
 * the program that only wanted a small text.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"
#include "base/mem.h"

#define PATH_SHOWN_MAX 300

static int fail(const char *path, struct diag *d, const char *deed, const char *why)
{
	char *shown = display_dup(span_of(path), PATH_SHOWN_MAX);

	diag_set(d, DIAG_INPUT, shown, "cannot %s this file: %s", deed, why);
	free(shown);
	return -1;
}

int file_open(const char *path, struct diag *d)
{
	struct stat st;
	const char *why = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return fail(path, d, "read", strerror(errno));
	if (fstat(fd, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "it is not a regular file";
	if (why == NULL)
		return fd;
	close(fd);
	return fail(path, d, "read", why);
}

ssize_t file_next(int fd, const char *path, void *to, size_t n, struct diag *d)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail(path, d, "read", strerror(errno)) : got;
}

int file_read(const char *path, struct buf *out, struct diag *d)
{
	char block[16384];
	int fd = file_open(path, d);
	ssize_t n = fd < 0 ? -1 : 1;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		buf_reserve(out, (size_t)st.st_size);
	while (n > 0) {
		n = file_next(fd, path, block, sizeof(block), d);
		if (n > 0 && buf_add(out, block, (size_t)n) < 0)
			n = fail(path, d, "read", "it is larger than such a file may be");
	}
	if (fd >= 0)
		close(fd);
	return (int)n;
}

static const char *write_all(int fd, struct span bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR)
			return strerror(errno);
		bytes = span_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return NULL;
}

/* The new file stands beside the old one, so that they are on the same disk. */
static const char *replace_beside(const char *path, const struct stat *old, struct span bytes)
{
	size_t room = strlen(path) + sizeof(".XXXXXX");
	char *name = mem_zero(room);
	const char *why = NULL;
	int fd;

	snprintf(name, room, "%s.XXXXXX", path);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		why = strerror(errno);
		free(name);
		return why;
	}
	why = write_all(fd, bytes);
	if (!why && (fchmod(fd, old->st_mode & 07777) < 0 || fsync(fd) < 0))
		why = strerror(errno);
	if (close(fd) < 0 && !why)
		why = strerror(errno);
	if (!why && rename(name, path) < 0)
		why = strerror(errno);
	if (why)
		unlink(name);
	free(name);
	return why;
}

int file_replace(const char *path, struct span bytes, struct diag *d)
{
	char *real = realpath(path, NULL);
	const char *why = NULL;
	struct stat st;

	if (!real || stat(real, &st) < 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "it is not a regular file";
	else
		why = replace_beside(real, &st, bytes);
	free(real);
	return why != NULL ? fail(path, d, "replace", why) : 0;
}

static void make_folders(const char *path)
{
	char *folder = mem_dup(path);

	for (char *p = strchr(folder + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(folder, 0700);
		*p = '/';
	}
	free(folder);
}

static int append_private(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	            0600);
}

int file_open_private(const char *path)
{
	struct stat st;
	int fd = append_private(path);

	if (fd < 0 && errno == ENOENT) {
		make_folders(path);
		fd = append_private(path);
	}
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, 0600) == 0)
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

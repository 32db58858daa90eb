/*
 * Each line is appended when it is entered, in one write, so that nothing is lost with a session
 * that is killed and two sessions can share the file.
 */
#include "ui/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ui/options.h"

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

char *history_path(void)
{
	return options_user_path("XDG_STATE_HOME", ".local/state", "history");
}

static int open_private(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void history_append(const char *path, struct span line)
{
	struct buf b;
	struct stat st;
	int fd = open_private(path);

	if (fd < 0 && errno == ENOENT) {
		make_folders(path);
		fd = open_private(path);
	}
	if (fd < 0)
		return;
	buf_init(&b, 64u << 10);
	buf_addspan(&b, line);
	buf_addch(&b, '\n');
	if (!b.full && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, 0600) == 0) {
		ssize_t ignored = write(fd, b.data, b.len);

		(void)ignored;
	}
	buf_release(&b);
	close(fd);
}

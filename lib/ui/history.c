/*
 * Each line is appended when it is entered, in one write, so that nothing is lost with a session
 * that is killed and two sessions can share the file.
 */
#include "ui/history.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "ui/options.h"

static void make_folders(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

char *history_path(void)
{
	char *path = options_user_path("XDG_STATE_HOME", ".local/state", "history");

	if (path)
		make_folders(path);
	return path;
}

void history_append(const char *path, struct span line)
{
	struct buf b;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

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

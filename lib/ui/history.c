/*
 * Each line is appended when it is entered, in one write, so that nothing is lost with a session
 * that is killed and two sessions can share the file.
 */
#include "ui/history.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "ui/options.h"

char *history_path(void)
{
	return options_user_path("XDG_STATE_HOME", ".local/state", "history");
}

void history_append(const char *path, struct span line)
{
	struct buf b;
	int fd = file_open_private(path);

	if (fd < 0)
		return;
	buf_init(&b, 64u << 10);
	buf_addspan(&b, line);
	buf_addch(&b, '\n');
	if (!b.full) {
		ssize_t ignored = write(fd, b.data, b.len);

		(void)ignored;
	}
	buf_release(&b);
	close(fd);
}

/*
 * One '=' parts name and value; what stands behind it is the value, blanks too. A value is in no
 * message: it may be a password.
 */
#include "ui/replay_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/display.h"
#include "base/file.h"

enum { SET_FILE_MAX = 1 << 20 };

static int read_line(struct session_vars *v, const char *path, unsigned number, struct span line,
                     struct diags *ds)
{
	struct span value = line, name;
	char where[1100];
	struct diag why;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		value = line = span_first(line, line.n - 1);
	if (line.n == 0 || line.p[0] == '#')
		return 0;
	snprintf(where, sizeof(where), "%s:%u:1", path, number);
	name = span_trim(span_cut(&value, '='));
	if (!value.p) {
		diags_add(ds, DIAG_INPUT, where, "NAME=VALUE was expected");
		return -1;
	}
	diag_init(&why);
	if (session_vars_set(v, name, value, SESSION_ORIGIN_OPTION, where, &why) < 0)
		diags_add_copy(ds, &why);
	int result = why.kind == DIAG_NONE ? 0 : -1;
	diag_release(&why);
	return result;
}

static int read_set_file(struct session_vars *v, const char *path, struct diags *ds)
{
	unsigned number = 0;
	struct diag why;
	struct buf text;
	int result;

	diag_init(&why);
	buf_init_secret(&text, SET_FILE_MAX);
	result = file_read(path, &text, &why);
	if (result < 0)
		diags_add_copy(ds, &why);
	char *shown = display_dup(span_of(path), 1000);
	for (struct span rest = buf_span(&text); result == 0 && rest.p;) {
		struct span line = span_cut(&rest, '\n');

		if (read_line(v, shown, ++number, line, ds) < 0)
			result = -1;
	}
	free(shown);
	buf_release(&text);
	diag_release(&why);
	return result;
}

int replay_set_variables(struct session_vars *v, const struct options *o, struct diags *ds)
{
	int result = o->set_file ? read_set_file(v, o->set_file, ds) : 0;

	for (size_t i = 0; i < o->set.count; i++) {
		struct diag why;

		diag_init(&why);
		if (session_vars_option(v, o->set.items[i], &why) < 0) {
			diags_add_copy(ds, &why);
			result = -1;
		}
		diag_release(&why);
	}
	return result;
}

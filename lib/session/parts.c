/*
 * The same rule as the runner's, which asks for a connection when a step needs one and there is
 * none: so both sides agree on where one ends and the next begins.
 */
#include "session/parts.h"

static bool needs_connection(const struct session_step *s)
{
	switch (s->type) {
	case SESSION_OPEN:
	case SESSION_SLEEP:
	case SESSION_SET:
	case SESSION_RETRY:
	case SESSION_TIMEOUT:
	case SESSION_ECHO: return false;
	default: return true;
	}
}

static bool closes(const struct session_step *s)
{
	return s->type == SESSION_CLOSE || s->type == SESSION_RESET;
}

static bool goes_on(const struct session_file *f, size_t at)
{
	while (at < f->count && !needs_connection(&f->steps[at]) &&
	       f->steps[at].type != SESSION_OPEN)
		at++;
	return at < f->count;
}

size_t session_part_end(const struct session_file *f, size_t at)
{
	bool used = false;

	for (; at < f->count; at++) {
		const struct session_step *s = &f->steps[at];

		if (s->type == SESSION_OPEN && used)
			return at;
		if (closes(s) && goes_on(f, at + 1))
			return at + 1;
		used |= needs_connection(s);
	}
	return at;
}

size_t session_part_begin(const struct session_file *f, size_t n)
{
	size_t at = 0;

	while (n-- > 0 && at < f->count)
		at = session_part_end(f, at);
	return at;
}

size_t session_parts_count(const struct session_file *f)
{
	size_t n = 1, at = session_part_end(f, 0);

	for (; at < f->count; at = session_part_end(f, at))
		n++;
	return n;
}

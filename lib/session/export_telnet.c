/*
 * nc sends a file as it is and waits for nothing, so this form has only what it can do: lines. The
 * bytes are those of the wire, line ends and all.
 */
#include "session/export_walk.h"

static int take_line(const struct export_walk *w, const struct session_step *s, struct buf *out,
                     struct diag *d)
{
	if (export_text(w, s, out) != 0)
		return export_cannot(s, d,
		                     "a file for nc cannot hold this: a secret, or a value that is "
		                     "not known");
	if (s->type == SESSION_CLIENT_LINE)
		buf_addstr(out, "\r\n");
	return 0;
}

static int take_step(const struct export_walk *w, const struct session_step *s, bool first,
                     struct buf *out, struct diag *d)
{
	switch (s->type) {
	case SESSION_CLIENT_LINE:
	case SESSION_CLIENT_RAW: return take_line(w, s, out, d);
	case SESSION_MESSAGE: return export_message(w, s, out, d);
	case SESSION_TLS:
		return export_cannot(s, d,
		                     "nc speaks no TLS; openssl s_client -starttls smtp does");
	case SESSION_OPEN:
		return first ? 0 : export_cannot(s, d, "a file for nc is one connection");
	default: return 0;
	}
}

int export_telnet(const struct session_file *f, const struct export_settings *s, struct buf *out,
                  struct diag *d)
{
	struct export_walk w;
	int result = 0;

	(void)s;
	export_walk_init(&w, f);
	for (size_t i = 0; i < f->count && result == 0; i++)
		result = take_step(&w, &f->steps[i], i == 0, out, d);
	export_walk_release(&w);
	if (result == 0 && out->full)
		result = diag_set(d, DIAG_INPUT, f->path, "it is too large");
	return result;
}

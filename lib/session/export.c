/*
 * The forms in one table. Secrets that stand in a file are taken out first, by writing it in its
 * normal form and reading that: so no form can forget one.
 */
#include "session/export.h"

#include "session/export_walk.h"

static int write_session(const struct session_file *f, const struct export_settings *s,
                         struct buf *out, struct diag *d)
{
	(void)s;
	if (export_session(f, out) == 0)
		return 0;
	return diag_set(d, DIAG_INPUT, f->path, "it is too large");
}

static const struct export_format formats[] = {
        {"session", "a session file in its normal form", write_session},
        {"swaks", "a command line of swaks", export_swaks},
        {"python", "a Python 3 program with smtplib", export_python},
        {"telnet", "the client's lines, for nc", export_telnet},
        {"markdown", "a transcript with notes", export_markdown},
        {"html", "a page with notes", export_html},
};

const struct export_format *export_format_at(size_t i)
{
	return i < sizeof(formats) / sizeof(formats[0]) ? &formats[i] : NULL;
}

const struct export_format *export_format_find(struct span name)
{
	const struct export_format *f;

	for (size_t i = 0; (f = export_format_at(i)); i++) {
		if (span_eq_nocase(name, span_of(f->name)))
			return f;
	}
	return NULL;
}

int export_write(const struct export_format *format, const struct session_file *f,
                 const struct export_settings *s, struct buf *out, struct diag *d)
{
	struct session_file *clean = NULL;
	struct diags ds;
	struct buf text;
	int result = -1;

	diags_init(&ds);
	buf_init_secret(&text, EXPORT_MAX);
	if (export_session(f, &text) != 0)
		diag_set(d, DIAG_INPUT, f->path, "it is too large");
	else if (!export_has_secrets(f))
		result = format->write(f, s, out, d);
	else if ((clean = session_file_parse(f->path, buf_span(&text), &ds)))
		result = format->write(clean, s, out, d);
	session_file_free(clean);
	buf_release(&text);
	diags_release(&ds);
	return result;
}

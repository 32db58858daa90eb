/*
 * It is built from the step and not from the bytes that went out, because only the step knows which
 * of them are a secret's. Known secrets that stand there literally are taken out as well.
 */
#include "session/shown.h"

#include <stdlib.h>

#include "base/escape.h"
#include "session/redact.h"
#include "smtp/mask.h"

enum { LINE_MAX_BYTES = 1 << 20 };

/* NULL: the reference stands for itself. */
static const char *visible_value(const struct session_ref *ref, const struct session_vars *v,
                                 struct span *out)
{
	const struct session_argument *a = &ref->args[0];
	const struct session_variable *var;

	*out = SPAN("");
	if (ref->form != SESSION_REF_VALUE)
		return NULL;
	if (a->source == SESSION_FROM_ENV) {
		*out = span_of(getenv(a->name));
		return out->p;
	}
	var = a->source == SESSION_FROM_VARIABLE ? session_vars_find(v, span_of(a->name)) : NULL;
	if (!var || var->secret)
		return NULL;
	*out = buf_span(&var->value);
	return out->p;
}

static void escape(struct span bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] < ' ' || bytes.p[i] > '~' || bytes.p[i] == '\\')
			escape_add(out, bytes.p[i]);
		else
			buf_addch(out, bytes.p[i]);
	}
}

static void add_text(const struct session_step *s, const struct session_vars *v, struct buf *out)
{
	bool raw = s->type == SESSION_CLIENT_RAW;
	size_t from = 0;

	for (size_t i = 0; i <= s->refs_count; i++) {
		size_t to = i < s->refs_count ? s->refs[i].at : s->len;
		struct span plain = span_from(s->text + from, to - from), value;

		if (raw)
			escape(plain, out);
		else
			buf_addspan(out, plain);
		from = to;
		if (i == s->refs_count)
			break;
		if (!visible_value(&s->refs[i], v, &value))
			buf_addstr(out, s->refs[i].text);
		else if (raw)
			escape(value, out);
		else
			buf_addspan(out, value);
	}
}

/* Whether what came before it is a 334, so that it is a login's answer. */
static bool is_answer(const struct session_file *f, size_t at)
{
	const struct session_step *before = at > 0 ? &f->steps[at - 1] : NULL;

	return before && !before->client &&
	       span_starts(span_from(before->text, before->len), SPAN("334"));
}

void session_step_show(const struct session_file *f, size_t at, const struct session_vars *v,
                       struct buf *out)
{
	const struct session_step *s = &f->steps[at];
	struct buf text, clean;

	if (s->type != SESSION_CLIENT_LINE && s->type != SESSION_CLIENT_RAW &&
	    s->type != SESSION_MESSAGE)
		return;
	buf_init_secret(&text, LINE_MAX_BYTES);
	buf_init_secret(&clean, 2 * LINE_MAX_BYTES);
	add_text(s, v, &text);
	session_redact(v, buf_span(&text), &clean);
	buf_addstr(out, s->type == SESSION_CLIENT_RAW ? "C! "
	                : s->type == SESSION_MESSAGE  ? "C: <file "
	                                              : "C: ");
	if (s->type == SESSION_MESSAGE || s->refs_count > 0)
		buf_addspan(out, buf_span(&clean));
	else
		smtp_lone_line_mask(buf_span(&clean), is_answer(f, at), out);
	if (s->type == SESSION_MESSAGE)
		buf_addch(out, '>');
	buf_release(&clean);
	buf_release(&text);
}

/*
 * The names of the fields are a promise to programs: none is ever left out, renamed or given
 * another meaning; what is not known is null. All text has passed display_dup(), so it is valid
 * UTF-8; other than ASCII is written as \u escapes, so that any reader can take it.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/display.h"
#include "ui/explain_show.h"

enum { TEXT_MAX = 4096 };

static json_t *text(struct span s)
{
	char *safe;
	json_t *value;

	if (s.n == 0)
		return json_null();
	safe = display_dup(s, TEXT_MAX);
	value = json_string(safe);
	free(safe);
	return value ? value : json_null();
}

static json_t *words(const char *s)
{
	return s && *s ? text(span_of(s)) : json_null();
}

static json_t *number_or_null(long n)
{
	return n > 0 ? json_integer(n) : json_null();
}

static json_t *enhanced(struct smtp_enhanced e)
{
	return e.present ? json_sprintf("%d.%d.%d", e.class, e.subject, e.detail) : json_null();
}

static void add_piece(json_t *list, const char *kind, const char *what)
{
	json_array_append_new(list, json_sprintf("%s: %s", kind, what));
}

static json_t *evidence(const struct explain_verdict *v)
{
	json_t *list = json_array(), *code = enhanced(v->enhanced);

	if (v->by_stage && v->stage)
		add_piece(list, "stage", explain_stage_name(v->stage));
	if (v->by_provider && v->provider)
		add_piece(list, "provider", v->provider);
	if (v->by_wording && v->pattern)
		add_piece(list, "wording", v->pattern);
	if (v->by_enhanced && v->enhanced.present)
		add_piece(list, "enhanced", json_string_value(code));
	if (v->by_code && v->code)
		json_array_append_new(list, json_sprintf("code: %d", v->code));
	json_decref(code);
	return list;
}

static json_t *note(const struct explanation *x)
{
	struct buf b;
	json_t *value;

	if (!x->brief)
		return json_null();
	buf_init(&b, TEXT_MAX);
	buf_addf(&b, "%s%s%s", x->brief, x->full ? " " : "", x->full ? x->full : "");
	value = text(buf_span(&b));
	buf_release(&b);
	return value;
}

static void add_verdict(json_t *o, const struct explanation *x)
{
	const struct explain_verdict *v = &x->verdict;
	bool known = v->reason != EXPLAIN_REASON_NONE;

	json_object_set_new(o, "reason", words(explain_reason_name(v->reason)));
	json_object_set_new(o, "class", number_or_null(v->class));
	json_object_set_new(o, "code", number_or_null(v->code));
	json_object_set_new(o, "enhanced", enhanced(v->enhanced));
	json_object_set_new(o, "stage", words(explain_stage_name(v->stage)));
	json_object_set_new(o, "provider", words(v->provider));
	json_object_set_new(o, "temporary", known ? json_boolean(v->temporary) : json_null());
	json_object_set_new(o, "side", words(explain_side_name(v->side)));
	json_object_set_new(o, "retry_after", number_or_null(v->retry_after));
	json_object_set_new(o, "note", note(x));
	json_object_set_new(o, "evidence", evidence(v));
	json_object_set_new(o, "guess", json_boolean(v->guess));
	json_object_set_new(o, "consequence", json_boolean(v->consequence));
	json_object_set_new(o, "do", words(x->doing));
	json_object_set_new(o, "proof", words(x->proof));
	json_object_set_new(o, "source", words(x->source));
	json_object_set_new(o, "rule", words(x->rule));
}

static void add_found(json_t *o, const struct explain_found *f)
{
	json_object_set_new(o, "text", text(f->text));
	if (!f->kind)
		return;
	json_object_set_new(o, "event", words(f->kind));
	json_object_set_new(o, "time", text(f->time));
	json_object_set_new(o, "id", text(f->id));
	json_object_set_new(o, "from",
	                    f->from_known && f->from.n == 0 ? json_string("") : text(f->from));
	json_object_set_new(o, "to", text(f->to));
	json_object_set_new(o, "host", text(f->relay));
	json_object_set_new(o, "delay",
	                    f->delay >= 0 ? json_real((double)f->delay / 100) : json_null());
}

void explain_show_json(const struct explain_show *s, const struct explanation *x,
                       const struct explain_found *found)
{
	json_t *o = json_object();
	char *line;

	add_verdict(o, x);
	if (found)
		add_found(o, found);
	line = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	if (line)
		view_plain(s->view, span_of(line));
	free(line);
	json_decref(o);
}

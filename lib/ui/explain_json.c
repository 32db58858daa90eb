/*
 * The names of the fields are a promise to programs: none is ever left out, renamed or given
 * another meaning; what is not known is null.
 */
#include <stdlib.h>

#include "base/display.h"
#include "ui/explain_show.h"
#include "ui/json_line.h"

enum { TEXT_MAX = 4096, LINE_MAX = 1 << 20 };

/* Cut to a length that a line of a log can bear; nothing is null. */
static void put_text(struct json_line *o, const char *key, struct span s)
{
	char *safe;

	if (s.n == 0) {
		json_line_null(o, key);
		return;
	}
	safe = display_dup(s, TEXT_MAX);
	json_line_string(o, key, safe);
	free(safe);
}

static void put_words(struct json_line *o, const char *key, const char *s)
{
	put_text(o, key, span_of(s));
}

static void put_number(struct json_line *o, const char *key, long n)
{
	if (n > 0)
		json_line_number(o, key, n);
	else
		json_line_null(o, key);
}

static void add_enhanced(struct buf *b, struct smtp_enhanced e)
{
	buf_addf(b, "%d.%d.%d", e.class, e.subject, e.detail);
}

static void put_enhanced(struct json_line *o, struct smtp_enhanced e)
{
	struct buf b;

	buf_init(&b, 64);
	if (e.present)
		add_enhanced(&b, e);
	put_text(o, "enhanced", buf_span(&b));
	buf_release(&b);
}

static void add_piece(struct json_line *o, const char *kind, const char *what)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_addf(&b, "%s: %s", kind, what);
	json_line_append_text(o, "evidence", buf_span(&b));
	buf_release(&b);
}

static void put_evidence(struct json_line *o, const struct explain_verdict *v)
{
	struct buf code;

	buf_init(&code, 64);
	json_line_list(o, "evidence");
	if (v->by_stage && v->stage)
		add_piece(o, "stage", explain_stage_name(v->stage));
	if (v->by_provider && v->provider)
		add_piece(o, "provider", v->provider);
	if (v->by_wording && v->pattern)
		add_piece(o, "wording", v->pattern);
	if (v->by_enhanced && v->enhanced.present) {
		add_enhanced(&code, v->enhanced);
		add_piece(o, "enhanced", code.data);
		buf_clear(&code);
	}
	if (v->by_code && v->code) {
		buf_addf(&code, "%d", v->code);
		add_piece(o, "code", code.data);
	}
	buf_release(&code);
}

static void put_note(struct json_line *o, const struct explanation *x)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	if (x->brief)
		buf_addf(&b, "%s%s%s", x->brief, x->full ? " " : "", x->full ? x->full : "");
	put_text(o, "note", buf_span(&b));
	buf_release(&b);
}

static void put_verdict(struct json_line *o, const struct explanation *x)
{
	const struct explain_verdict *v = &x->verdict;

	put_words(o, "reason", explain_reason_name(v->reason));
	put_number(o, "class", v->class);
	put_number(o, "code", v->code);
	put_enhanced(o, v->enhanced);
	put_words(o, "stage", explain_stage_name(v->stage));
	put_words(o, "provider", v->provider);
	if (v->reason != EXPLAIN_REASON_NONE)
		json_line_flag(o, "temporary", v->temporary);
	else
		json_line_null(o, "temporary");
	put_words(o, "side", explain_side_name(v->side));
	put_number(o, "retry_after", v->retry_after);
	put_note(o, x);
	put_evidence(o, v);
	json_line_flag(o, "guess", v->guess);
	json_line_flag(o, "consequence", v->consequence);
	put_words(o, "do", x->doing);
	put_words(o, "proof", x->proof);
	put_words(o, "source", x->source);
	put_words(o, "rule", x->rule);
}

static void put_found(struct json_line *o, const struct explain_found *f)
{
	put_text(o, "text", f->text);
	if (!f->kind)
		return;
	put_words(o, "event", f->kind);
	put_text(o, "time", f->time);
	put_text(o, "id", f->id);
	if (f->from_known && f->from.n == 0)
		json_line_string(o, "from", "");
	else
		put_text(o, "from", f->from);
	put_text(o, "to", f->to);
	put_text(o, "host", f->relay);
	if (f->delay >= 0)
		json_line_real(o, "delay", (double)f->delay / 100);
	else
		json_line_null(o, "delay");
}

void explain_show_json(const struct explain_show *s, const struct explanation *x,
                       const struct explain_found *found)
{
	struct json_line *o = json_line_new();
	struct buf line;

	put_verdict(o, x);
	if (found)
		put_found(o, found);
	buf_init(&line, LINE_MAX);
	if (json_line_write(o, &line) == 0)
		view_plain(s->view, span_first(buf_span(&line), line.len - 1));
	buf_release(&line);
}

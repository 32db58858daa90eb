/*
 * An object a line, so that a long run can be read while it goes on, with `jq` or a line at a time:
 * an "exchange" for each reply, a "file" after its exchanges, and the "summary" at the end.
 */
#include "ui/json_line.h"
#include "ui/report_forms.h"

static void begin(struct report *r)
{
	(void)r;
}

static void add_place(struct json_line *o, const char *place)
{
	json_line_string(o, "place", place);
}

static void exchange(struct report *r, const struct report_case *c, const struct report_exchange *x)
{
	struct json_line *o = json_line_new();

	json_line_string(o, "type", "exchange");
	json_line_string(o, "file", c->path);
	add_place(o, x->place);
	json_line_string(o, "verb", x->verb);
	json_line_flag(o, "as_expected", x->what == NULL);
	json_line_flag(o, "sent_again", x->retry);
	json_line_text(o, "sent", x->sent);
	json_line_text(o, "expected", x->expected);
	json_line_text(o, "reply", x->came);
	if (x->what)
		json_line_string(o, "what", x->what);
	if (x->difference.n > 0)
		json_line_text(o, "difference", x->difference);
	if (x->note.n > 0)
		json_line_text(o, "note", x->note);
	json_line_number(o, "at_ms", x->at_ms);
	json_line_number(o, "ms", x->ms);
	json_line_write(o, &r->text);
}

static void one(struct report *r, const struct report_case *c)
{
	struct json_line *o = json_line_new();

	for (size_t i = 0; i < c->count; i++)
		exchange(r, c, &c->exchanges[i]);
	json_line_string(o, "type", "file");
	json_line_string(o, "file", c->path);
	json_line_string(o, "result", report_word(c->result->end));
	json_line_string(o, "host", c->host);
	json_line_number(o, "started", c->started);
	json_line_number(o, "exchanges", (int64_t)c->result->exchanges);
	json_line_number(o, "retries", (int64_t)c->result->retries);
	json_line_number(o, "ms", c->result->ms);
	if (c->result->first.what) {
		add_place(o, c->result->first.where);
		json_line_string(o, "what", c->result->first.what);
	}
	json_line_write(o, &r->text);
}

static void end(struct report *r, const struct report_summary *s)
{
	struct json_line *o = json_line_new();

	json_line_string(o, "type", "summary");
	json_line_number(o, "files", (int64_t)s->files);
	json_line_number(o, "passed", (int64_t)s->passed);
	json_line_number(o, "mismatched", (int64_t)s->mismatched);
	json_line_number(o, "failed", (int64_t)s->failed);
	json_line_number(o, "skipped", (int64_t)s->skipped);
	json_line_number(o, "exchanges", (int64_t)s->exchanges);
	json_line_number(o, "retries", (int64_t)s->retries);
	json_line_number(o, "ms", s->ms);
	json_line_write(o, &r->text);
}

const struct report_form report_form_json = {
        .name = "json", .begin = begin, .one = one, .end = end};

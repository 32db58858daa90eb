/* Session files: a fault has a place; a step is within its limits, lines hold no line end, and what
 * is expected can be built and compared without a fault that the reader should have found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "session/compare.h"
#include "session/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refs(const struct session_step *s)
{
	size_t last = 0;

	for (size_t i = 0; i < s->refs_count; i++) {
		if (s->refs[i].at < last || s->refs[i].at > s->len || s->refs[i].count == 0)
			abort();
		last = s->refs[i].at;
	}
}

static void check_step(const struct session_step *s)
{
	bool is_line = s->type == SESSION_CLIENT_LINE || s->type == SESSION_SERVER_LINE;

	if (s->ms < 0 || s->ms > 3600000 || s->line == 0 || s->column == 0)
		abort();
	if (is_line && (memchr(s->text, '\n', s->len) || memchr(s->text, '\0', s->len)))
		abort();
	if (s->text && s->text[s->len] != '\0')
		abort();
	if (s->type == SESSION_SERVER_REGEX && (s->pattern != NULL) != (s->refs_count == 0))
		abort();
	check_refs(s);
}

static void check_places(const struct diags *ds)
{
	for (size_t i = 0; i < ds->count; i++) {
		if (strncmp(ds->list[i].where, "f:", 2) != 0)
			abort();
	}
}

static void read_reply(struct smtp_reply_parser *p)
{
	struct span bytes = SPAN("250-2.1.0 mx.example Hello\r\n250-SIZE 1000\r\n250 2.1.0 Ok\r\n");

	smtp_reply_parser_init(p);
	while (smtp_reply_parser_feed(p, &bytes) == SMTP_PARSE_LINE)
		;
}

static void compare_all(const struct expected *e, const struct session_vars *v)
{
	struct smtp_reply_parser p;
	struct comparison c;
	struct buf shown;

	read_reply(&p);
	for (size_t i = 0; i < e->count && i < 200; i++) {
		session_compare(&e->replies[i], &p.reply, i % 2, &c);
		if (c.equal != (c.what == NULL))
			abort();
		buf_init(&shown, 1u << 20);
		if (!c.equal)
			comparison_show(&c, &p.reply, v, &shown);
		buf_release(&shown);
	}
	smtp_reply_parser_release(&p);
}

/* Values that would do harm if they were not quoted. */
static void play(const struct session_file *f)
{
	struct session_vars *v = session_vars_new();
	struct expected e;

	session_vars_set(v, SPAN("x"), SPAN("{*?(["), SESSION_ORIGIN_OPTION, NULL, NULL);
	session_vars_set_secret(v, SPAN("s"), SPAN("Hello"), SESSION_ORIGIN_OPTION, NULL, NULL);
	expected_init(&e);
	for (size_t i = 0; i < f->count; i++) {
		size_t run = expected_run(f, i);

		if (run > 0)
			expected_build(&e, f->steps + i, run, v, NULL);
		i += run > 0 ? run - 1 : 0;
	}
	compare_all(&e, v);
	expected_release(&e);
	session_vars_free(v);
}

/* Nothing on this machine is to be included. */
static bool includes(const uint8_t *data, size_t size)
{
	return size > 0 && memmem(data, size, "@include", 8) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_file *f;
	struct diags ds;

	if (includes(data, size))
		return 0;
	diags_init(&ds);
	f = session_file_parse("f", span_from((const char *)data, size), &ds);
	if ((f == NULL) != (ds.count > 0))
		abort();
	check_places(&ds);
	for (size_t i = 0; f && i < f->count; i++)
		check_step(&f->steps[i]);
	if (f) {
		check_places(&f->warnings);
		play(f);
	}
	session_file_free(f);
	diags_release(&ds);
	return 0;
}

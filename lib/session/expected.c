/*
 * Bytes of S! are put together with what follows them until a line is whole, because servers that
 * are recorded byte by byte say the same as those that are not.
 */
#include "session/expected.h"

#include <stdlib.h>

#include "base/mem.h"
#include "session/glob.h"
#include "session/pattern.h"

#define TEXT_MAX (SESSION_FILE_MAX + 16u * SESSION_VALUE_MAX)

void expected_init(struct expected *e)
{
	*e = (struct expected){0};
}

static void reply_release(struct expected_reply *r)
{
	for (size_t i = 0; i < r->count; i++) {
		buf_release(&r->lines[i].text);
		session_pattern_free(r->lines[i].own_pattern);
	}
	free(r->lines);
}

/* Keeps the first `count` replies. */
static void cut_replies(struct expected *e, size_t count)
{
	while (e->count > count)
		reply_release(&e->replies[--e->count]);
}

void expected_release(struct expected *e)
{
	cut_replies(e, 0);
	free(e->replies);
	expected_init(e);
}

static bool is_line(const struct session_step *s)
{
	switch (s->type) {
	case SESSION_SERVER_LINE:
	case SESSION_SERVER_RAW:
	case SESSION_SERVER_GLOB:
	case SESSION_SERVER_REGEX:
	case SESSION_SERVER_EXACT:
	case SESSION_SERVER_OPTIONAL: return true;
	default: return false;
	}
}

static bool is_wait(const struct session_step *s)
{
	return !s->client && (s->type == SESSION_SLEEP || s->type == SESSION_STALL);
}

size_t expected_run(const struct session_file *f, size_t at)
{
	size_t n = 0;

	while (at + n < f->count && (is_line(&f->steps[at + n]) || is_wait(&f->steps[at + n])))
		n++;
	return n;
}

/* --- building --- */

struct builder {
	struct expected *out;
	struct session_vars *vars;
	struct diag *d;
	bool open;    /* the last reply goes on */
	bool partial; /* its last line too */
};

static struct expected_reply *add_reply(struct builder *b, const struct session_step *s)
{
	struct expected *e = b->out;

	e->replies = mem_grow(e->replies, e->count, &e->room, sizeof(*e->replies));
	e->replies[e->count] = (struct expected_reply){.level = s->level};
	b->open = true;
	return &e->replies[e->count++];
}

static struct expected_line *add_line(struct builder *b, const struct session_step *s,
                                      enum expected_kind kind)
{
	bool optional = s->type == SESSION_SERVER_OPTIONAL;
	struct expected_reply *r = b->open ? &b->out->replies[b->out->count - 1] : NULL;
	struct expected_line *l;

	if (!r || (r->count > 0 && r->optional != optional))
		r = add_reply(b, s);
	r->optional = optional;
	r->lines = mem_grow(r->lines, r->count, &r->room, sizeof(*r->lines));
	l = &r->lines[r->count++];
	*l = (struct expected_line){.kind = kind, .step = s, .end = SPAN("\r\n")};
	buf_init_secret(&l->text, TEXT_MAX);
	return l;
}

/* "250-" goes on; in an expression an anchor before it does not count. */
static void end_line(struct builder *b, const struct expected_line *l)
{
	struct span text = buf_span(&l->text);

	if (l->kind == EXPECTED_REGEX && span_starts(text, SPAN("^")))
		text = span_skip(text, 1);
	b->open = text.n > 3 && text.p[3] == '-';
	b->partial = false;
}

/* --- one builder a kind of line --- */

static struct expected_line *last_line(struct builder *b)
{
	struct expected_reply *r = &b->out->replies[b->out->count - 1];

	return &r->lines[r->count - 1];
}

/* Splits bytes into lines; the first may continue what is there, the last may be unfinished. */
static int add_bytes(struct builder *b, const struct session_step *s, struct span bytes)
{
	while (bytes.n > 0) {
		size_t n = span_find(bytes, '\n');
		struct expected_line *l = b->partial ? last_line(b) : add_line(b, s, EXPECTED_TEXT);

		buf_add(&l->text, bytes.p, n);
		l->end = SPAN("");
		b->partial = n == bytes.n;
		bytes = span_skip(bytes, n + 1);
		if (b->partial)
			break;
		l->end = SPAN("\n");
		if (l->text.len > 0 && l->text.data[l->text.len - 1] == '\r') {
			buf_cut(&l->text, l->text.len - 1);
			l->end = SPAN("\r\n");
		}
		end_line(b, l);
	}
	return 0;
}

static int build_raw(struct builder *b, const struct session_step *s)
{
	struct buf bytes;
	int result;

	buf_init_secret(&bytes, TEXT_MAX);
	result = session_vars_expand(b->vars, s, NULL, &bytes, b->d);
	if (result == 0)
		result = add_bytes(b, s, buf_span(&bytes));
	buf_release(&bytes);
	return result;
}

static int build_text(struct builder *b, const struct session_step *s)
{
	struct expected_line *l;

	if (b->partial) {
		int result = build_raw(b, s);

		return result == 0 ? add_bytes(b, s, SPAN("\r\n")) : result;
	}
	l = add_line(b, s, s->type == SESSION_SERVER_EXACT ? EXPECTED_EXACT : EXPECTED_TEXT);
	if (session_vars_expand(b->vars, s, NULL, &l->text, b->d) != 0)
		return -1;
	end_line(b, l);
	return 0;
}

static int fail_pattern(struct builder *b, const struct session_step *s, const char *why)
{
	char *where = session_step_place(s);

	diag_set(b->d, DIAG_INPUT, where, "with the values of its variables: %s", why);
	free(where);
	return -1;
}

static int build_glob(struct builder *b, const struct session_step *s)
{
	struct expected_line *l = add_line(b, s, EXPECTED_GLOB);
	const char *what;
	size_t at;

	if (session_vars_expand(b->vars, s, session_glob_quote, &l->text, b->d) != 0)
		return -1;
	if (session_glob_check(buf_span(&l->text), &at, &what) != 0)
		return fail_pattern(b, s, what);
	end_line(b, l);
	return 0;
}

static int build_regex(struct builder *b, const struct session_step *s)
{
	struct expected_line *l = add_line(b, s, EXPECTED_REGEX);
	struct buf why;
	int result = 0;

	if (session_vars_expand(b->vars, s, session_pattern_quote, &l->text, b->d) != 0)
		return -1;
	l->pattern = s->pattern;
	if (!l->pattern) {
		buf_init(&why, 300);
		l->own_pattern = session_pattern_new(buf_span(&l->text), &why);
		l->pattern = l->own_pattern;
		result = l->pattern ? 0 : fail_pattern(b, s, why.data);
		buf_release(&why);
	}
	end_line(b, l);
	return result;
}

static int build_step(struct builder *b, const struct session_step *s)
{
	/* Only text can finish a line that S! began. */
	if (s->type == SESSION_SERVER_GLOB || s->type == SESSION_SERVER_REGEX)
		b->partial = false;
	switch (s->type) {
	case SESSION_SERVER_RAW: return build_raw(b, s);
	case SESSION_SERVER_GLOB: return build_glob(b, s);
	case SESSION_SERVER_REGEX: return build_regex(b, s);
	default: return is_wait(s) ? 0 : build_text(b, s);
	}
}

int expected_build(struct expected *e, const struct session_step *steps, size_t count,
                   struct session_vars *v, struct diag *d)
{
	struct builder b = {.out = e, .vars = v, .d = d};
	size_t before = e->count;

	for (size_t i = 0; i < count; i++) {
		if (build_step(&b, &steps[i]) != 0) {
			cut_replies(e, before);
			return -1;
		}
	}
	return 0;
}

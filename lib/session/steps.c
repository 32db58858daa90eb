/*
 * Two tables say what a line of a session file may hold: the marks that begin it, and the steps in
 * angle brackets.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "session/glob.h"
#include "session/pattern.h"
#include "session/reader.h"

struct mark {
	struct span text;
	bool client;
	void (*read)(struct session_reader *r, const struct mark *m, struct span rest);
	enum session_step_type type;
};

static void read_text(struct session_reader *r, const struct mark *m, struct span rest);
static void read_raw(struct session_reader *r, const struct mark *m, struct span rest);
static void read_plain(struct session_reader *r, const struct mark *m, struct span rest);
static void read_glob(struct session_reader *r, const struct mark *m, struct span rest);
static void read_regex(struct session_reader *r, const struct mark *m, struct span rest);
static void read_both(struct session_reader *r, const struct mark *m, struct span rest);

static const struct mark marks[] = {
        {SPAN("C:"), true, read_text, SESSION_CLIENT_LINE},
        {SPAN("S:"), false, read_text, SESSION_SERVER_LINE},
        {SPAN("C!"), true, read_raw, SESSION_CLIENT_RAW},
        {SPAN("S!"), false, read_raw, SESSION_SERVER_RAW},
        {SPAN("C*"), true, read_glob, SESSION_CLIENT_GLOB},
        {SPAN("S*"), false, read_glob, SESSION_SERVER_GLOB},
        {SPAN("S~"), false, read_regex, SESSION_SERVER_REGEX},
        {SPAN("S="), false, read_raw, SESSION_SERVER_EXACT},
        {SPAN("S?"), false, read_plain, SESSION_SERVER_OPTIONAL},
        {SPAN("C & S:"), true, read_both, SESSION_TLS},
};

enum argument { ARGUMENT_NONE, ARGUMENT_DURATION, ARGUMENT_TEXT };

static const struct bracket {
	struct span name;
	enum session_step_type type;
	enum argument argument;
	bool client_only;
} brackets[] = {
        {SPAN("close"), SESSION_CLOSE, ARGUMENT_NONE, false},
        {SPAN("reset"), SESSION_RESET, ARGUMENT_NONE, false},
        {SPAN("sleep"), SESSION_SLEEP, ARGUMENT_DURATION, false},
        {SPAN("nothing"), SESSION_NOTHING, ARGUMENT_DURATION, false},
        {SPAN("stall"), SESSION_STALL, ARGUMENT_DURATION, false},
        {SPAN("open"), SESSION_OPEN, ARGUMENT_TEXT, true},
        {SPAN("file"), SESSION_MESSAGE, ARGUMENT_TEXT, true},
};

/* --- lines of text --- */

static struct session_step step_of(const struct mark *m)
{
	return (struct session_step){.type = m->type, .client = m->client};
}

static void add_text(struct session_reader *r, const struct mark *m, struct span rest, bool escapes)
{
	struct session_step s = step_of(m);

	if (session_read_text(r, session_skip_blank(rest), escapes, &s) == 0)
		session_add_step(r, &s, r->line.p);
	else
		session_step_release(&s);
}

static void read_plain(struct session_reader *r, const struct mark *m, struct span rest)
{
	add_text(r, m, rest, false);
}

static void read_raw(struct session_reader *r, const struct mark *m, struct span rest)
{
	add_text(r, m, rest, true);
}

/* --- patterns --- */

/* A pattern as it would be if every reference had the value "x": what is wrong with it now would be
 * wrong with any value. */
static char *with_values(const struct session_step *s, size_t *len)
{
	struct buf out;
	size_t from = 0;
	char *text;

	buf_init(&out, 2u * SESSION_FILE_MAX);
	for (size_t i = 0; i < s->refs_count; i++) {
		buf_add(&out, s->text + from, s->refs[i].at - from);
		buf_addch(&out, 'x');
		from = s->refs[i].at;
	}
	buf_add(&out, s->text + from, s->len - from);
	*len = out.len;
	text = buf_take(&out);
	buf_release(&out);
	return text;
}

static void check_glob(struct session_reader *r, struct session_step *s, struct span written)
{
	size_t len, at;
	char *text = with_values(s, &len);
	const char *what;

	if (session_glob_check(span_from(text, len), &at, &what) != 0)
		session_fault(r, written.p + (s->refs_count == 0 && at < written.n ? at : 0), what);
	free(text);
}

static void read_glob(struct session_reader *r, const struct mark *m, struct span rest)
{
	struct session_step s = step_of(m);
	struct span written = session_skip_blank(rest);

	if (session_read_text(r, written, false, &s) == 0) {
		check_glob(r, &s, written);
		session_add_step(r, &s, r->line.p);
	} else {
		session_step_release(&s);
	}
}

static void compile(struct session_reader *r, struct session_step *s, struct span written)
{
	size_t len;
	char *text = with_values(s, &len);
	struct buf why;

	buf_init(&why, 300);
	s->pattern = session_pattern_new(span_from(text, len), &why);
	if (!s->pattern)
		session_fault(r, written.p, why.data);
	if (s->refs_count > 0) {
		session_pattern_free(s->pattern);
		s->pattern = NULL;
	}
	buf_release(&why);
	free(text);
}

static void read_regex(struct session_reader *r, const struct mark *m, struct span rest)
{
	struct session_step s = step_of(m);
	struct span written = session_skip_blank(rest);

	if (session_read_text(r, written, false, &s) == 0) {
		compile(r, &s, written);
		session_add_step(r, &s, r->line.p);
	} else {
		session_step_release(&s);
	}
}

/* --- what stands in angle brackets --- */

static bool is_bracket(struct span text)
{
	struct span t = span_trim(text);

	return t.n > 2 && t.p[0] == '<' && t.p[t.n - 1] == '>';
}

static void pass_over(struct session_reader *r, struct span text)
{
	session_warning(r, text.p, "this prose in <…> means nothing here; passed over");
}

static const struct bracket *find_bracket(struct span name)
{
	for (size_t i = 0; i < sizeof(brackets) / sizeof(brackets[0]); i++) {
		if (span_eq_nocase(name, brackets[i].name))
			return &brackets[i];
	}
	return NULL;
}

static int read_no_argument(struct session_reader *r, struct span rest, const char *end,
                            struct session_step *s)
{
	(void)end, (void)s;
	if (rest.n == 0)
		return 0;
	session_fault(r, rest.p, "nothing may follow this word");
	return -1;
}

static int read_duration(struct session_reader *r, struct span rest, const char *end,
                         struct session_step *s)
{
	if (session_read_duration(rest, &s->ms) == 0)
		return 0;
	diag_hint(session_fault(r, rest.n ? rest.p : end,
	                        "a duration was expected, at most one hour"),
	          "write 2s, 0.1s or 200ms");
	return -1;
}

static int read_argument(struct session_reader *r, struct span rest, const char *end,
                         struct session_step *s)
{
	if (rest.n > 0)
		return session_read_text(r, rest, false, s);
	diag_hint(session_fault(r, end, "something is missing here"),
	          "write <open HOST:PORT> or <file PATH>");
	return -1;
}

static int (*const argument_readers[])(struct session_reader *, struct span, const char *,
                                       struct session_step *) = {
        [ARGUMENT_NONE] = read_no_argument,
        [ARGUMENT_DURATION] = read_duration,
        [ARGUMENT_TEXT] = read_argument,
};

static void read_bracket(struct session_reader *r, const struct mark *m, struct span text)
{
	struct span rest = span_first(span_skip(text, 1), text.n - 2);
	struct span name = span_word(&rest);
	const struct bracket *b = find_bracket(name);
	struct session_step s = {.client = m->client};

	rest = span_trim(rest);
	if (!b) {
		pass_over(r, text);
		return;
	}
	s.type = b->type;
	if (b->client_only && !m->client)
		session_fault(r, text.p, "only a client does this; write it with C:");
	else if (argument_readers[b->argument](r, rest, name.p + name.n, &s) == 0)
		session_add_step(r, &s, text.p);
	else
		session_step_release(&s);
}

static void read_text(struct session_reader *r, const struct mark *m, struct span rest)
{
	if (is_bracket(rest))
		read_bracket(r, m, span_trim(rest));
	else
		add_text(r, m, rest, false);
}

/* --- C & S: --- */

/* RFC 3207 writes "negotiate a TLS session": these words add nothing. */
static bool adds_nothing(struct span word)
{
	return span_eq_nocase(word, SPAN("a")) || span_eq_nocase(word, SPAN("session"));
}

static bool says_negotiate(struct span *inside)
{
	struct span word;

	if (!span_eq_nocase(span_word(inside), SPAN("negotiate")))
		return false;
	do
		word = span_word(inside);
	while (adds_nothing(word));
	return span_eq_nocase(word, SPAN("TLS"));
}

static void read_negotiation(struct session_reader *r, struct span inside, const char *at)
{
	struct session_step s = {.type = SESSION_TLS, .client = true, .verify = true};

	for (struct span word = span_word(&inside); word.n > 0; word = span_word(&inside)) {
		if (span_eq_nocase(word, SPAN("verify=no")) ||
		    span_eq_nocase(word, SPAN("[verify=no]")))
			s.verify = false;
		else if (!adds_nothing(word))
			diag_hint(session_fault(r, word.p, "this word is unknown here"),
			          "write <negotiate TLS> or <negotiate TLS verify=no>");
	}
	session_add_step(r, &s, at);
}

static void read_both(struct session_reader *r, const struct mark *m, struct span rest)
{
	struct span text = span_trim(rest), inside;

	(void)m;
	if (!is_bracket(text)) {
		diag_hint(session_fault(r, text.p, "after \"C & S:\" only a step in <…> may stand"),
		          "write C & S: <negotiate TLS>");
		return;
	}
	inside = span_first(span_skip(text, 1), text.n - 2);
	if (says_negotiate(&inside))
		read_negotiation(r, inside, text.p);
	else
		pass_over(r, text);
}

bool session_read_step(struct session_reader *r)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (span_starts(r->line, marks[i].text)) {
			marks[i].read(r, &marks[i], span_skip(r->line, marks[i].text.n));
			return true;
		}
	}
	return false;
}

/*
 * Two tables say what a session file may hold: the marks that begin a line, and the steps in angle
 * brackets. The reader goes on after a fault, because a writer wants to see all of them at once.
 */
#include "session/file.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#define DURATION_MAX_MS (3600 * 1000L)
#define QUOTE_MAX       40

struct reader {
	struct session_file *file;
	struct diags *ds;
	size_t indent;
	struct span line; /* without common indentation and line end */
	unsigned number;  /* of the line */
	bool faulty;      /* some line was */
};

struct mark {
	struct span text;
	bool client;
	void (*read)(struct reader *r, const struct mark *m, struct span rest);
};

static void read_text(struct reader *r, const struct mark *m, struct span rest);
static void read_raw(struct reader *r, const struct mark *m, struct span rest);
static void read_both(struct reader *r, const struct mark *m, struct span rest);
static void read_comparison(struct reader *r, const struct mark *m, struct span rest);
static void read_directive(struct reader *r, const struct mark *m, struct span rest);

static const struct mark marks[] = {
        {SPAN("C:"), true, read_text},        {SPAN("S:"), false, read_text},
        {SPAN("C!"), true, read_raw},         {SPAN("S!"), false, read_raw},
        {SPAN("C & S:"), true, read_both},    {SPAN("S*"), false, read_comparison},
        {SPAN("S~"), false, read_comparison}, {SPAN("S="), false, read_comparison},
        {SPAN("S?"), false, read_comparison}, {SPAN("@"), false, read_directive},
};

static const struct bracket {
	struct span name;
	enum session_step_type type;
	bool timed; /* a duration follows */
} brackets[] = {
        {SPAN("close"), SESSION_CLOSE, false}, {SPAN("reset"), SESSION_RESET, false},
        {SPAN("sleep"), SESSION_SLEEP, true},  {SPAN("nothing"), SESSION_NOTHING, true},
        {SPAN("stall"), SESSION_STALL, true},
};

/* --- faults --- */

static unsigned column_of(const struct reader *r, const char *at)
{
	return (unsigned)(r->indent + (size_t)(at - r->line.p) + 1);
}

static struct diag *note_at(struct reader *r, struct diags *ds, const char *at, const char *what)
{
	struct buf where;
	struct diag *d;

	buf_init(&where, 8192);
	buf_addf(&where, "%s:%u:%u", r->file->path, r->number, column_of(r, at));
	d = diags_add(ds, DIAG_INPUT, where.data, "%s", what);
	buf_release(&where);
	return d;
}

static struct diag *fault_at(struct reader *r, const char *at, const char *what)
{
	r->faulty = true;
	return note_at(r, r->ds, at, what);
}

/* --- steps --- */

static struct session_step *add_step(struct reader *r, enum session_step_type type, bool client,
                                     const char *at)
{
	struct session_file *f = r->file;
	struct session_step *s;

	if (f->count == SESSION_STEPS_MAX) {
		if (!r->faulty)
			fault_at(r, at, "the file has more than 200,000 steps");
		return NULL;
	}
	f->steps = mem_grow(f->steps, f->count, &f->room, sizeof(*f->steps));
	s = &f->steps[f->count++];
	*s = (struct session_step){
	        .type = type, .client = client, .line = r->number, .column = column_of(r, at)};
	return s;
}

static void add_bytes(struct reader *r, enum session_step_type type, bool client, struct span bytes,
                      const char *at)
{
	struct session_step *s = add_step(r, type, client, at);

	if (!s)
		return;
	s->text = mem_dupn(bytes.p, bytes.n);
	s->len = bytes.n;
}

static struct span skip_blank(struct span s)
{
	return s.n > 0 && s.p[0] == ' ' ? span_skip(s, 1) : s;
}

/* --- what stands in angle brackets --- */

static const struct {
	struct span name;
	long ms;
} units[] = {{SPAN("ms"), 1}, {SPAN("s"), 1000}};

/* Whole units, and for seconds up to three digits behind a point. */
static int parse_duration(struct span text, int64_t *ms)
{
	size_t digits = 0;
	unsigned long whole, part = 0;
	long unit = 0, scale;
	struct span number, fraction;

	while (digits < text.n && strchr("0123456789.", text.p[digits]))
		digits++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (span_eq(span_skip(text, digits), units[i].name))
			unit = units[i].ms;
	}
	fraction = span_first(text, digits);
	number = span_cut(&fraction, '.');
	if (unit == 0 || span_number(number, DURATION_MAX_MS, &whole) != 0)
		return -1;
	if (fraction.p && (unit == 1 || fraction.n > 3 || span_number(fraction, 999, &part) != 0))
		return -1;
	scale = unit;
	for (size_t i = 0; i < fraction.n; i++)
		scale /= 10;
	*ms = (int64_t)whole * unit + (int64_t)part * scale;
	return *ms <= DURATION_MAX_MS ? 0 : -1;
}

static const struct bracket *find_bracket(struct span name)
{
	for (size_t i = 0; i < sizeof(brackets) / sizeof(brackets[0]); i++) {
		if (span_eq_nocase(name, brackets[i].name))
			return &brackets[i];
	}
	return NULL;
}

static void pass_over(struct reader *r, struct span text)
{
	note_at(r, &r->file->warnings, text.p, "this prose in <…> means nothing here; passed over");
}

static void read_bracket(struct reader *r, const struct mark *m, struct span text)
{
	struct span rest = span_first(span_skip(text, 1), text.n - 2);
	struct span name = span_word(&rest);
	const struct bracket *b = find_bracket(name);
	int64_t ms = 0;
	struct session_step *s;

	if (!b) {
		pass_over(r, text);
		return;
	}
	if (b->timed && parse_duration(rest, &ms) != 0) {
		diag_hint(fault_at(r, rest.n ? rest.p : name.p + name.n,
		                   "a duration was expected, at most one hour"),
		          "write 2s, 0.1s or 200ms");
		return;
	}
	if (!b->timed && rest.n > 0) {
		fault_at(r, rest.p, "nothing may follow this word");
		return;
	}
	s = add_step(r, b->type, m->client, text.p);
	if (s)
		s->ms = ms;
}

static bool is_bracket(struct span text)
{
	struct span t = span_trim(text);

	return t.n > 2 && t.p[0] == '<' && t.p[t.n - 1] == '>';
}

/* --- one reader a mark --- */

static void read_text(struct reader *r, const struct mark *m, struct span rest)
{
	enum session_step_type type = m->client ? SESSION_CLIENT_LINE : SESSION_SERVER_LINE;

	if (is_bracket(rest))
		read_bracket(r, m, span_trim(rest));
	else
		add_bytes(r, type, m->client, skip_blank(rest), r->line.p);
}

/* Two hexadecimal digits. */
static bool hex_byte(struct span s, char *out)
{
	static const char digits[] = "0123456789abcdef";

	if (s.n < 2 || !isxdigit((unsigned char)s.p[0]) || !isxdigit((unsigned char)s.p[1]))
		return false;
	*out = (char)((strchr(digits, tolower((unsigned char)s.p[0])) - digits) * 16 +
	              (strchr(digits, tolower((unsigned char)s.p[1])) - digits));
	return true;
}

static const struct {
	char name, byte;
} escapes[] = {{'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}};

/* Reads what follows a backslash; how many bytes it took, 0 when it is none of the escapes. */
static size_t decode_escape(struct span s, struct buf *out)
{
	char byte;

	if (span_starts(s, SPAN("x")) && hex_byte(span_skip(s, 1), &byte)) {
		buf_addch(out, byte);
		return 3;
	}
	for (size_t i = 0; s.n > 0 && i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i].name == s.p[0]) {
			buf_addch(out, escapes[i].byte);
			return 1;
		}
	}
	return 0;
}

static int decode(struct reader *r, struct span s, struct buf *out)
{
	while (s.n > 0) {
		size_t plain = span_find(s, '\\'), taken;

		buf_add(out, s.p, plain);
		s = span_skip(s, plain);
		if (s.n == 0)
			break;
		taken = decode_escape(span_skip(s, 1), out);
		if (taken == 0) {
			diag_hint(fault_at(r, s.p, "this backslash begins no known escape"),
			          "known are \\r \\n \\t \\0 \\\\ and \\xHH");
			return -1;
		}
		s = span_skip(s, 1 + taken);
	}
	return 0;
}

static void read_raw(struct reader *r, const struct mark *m, struct span rest)
{
	enum session_step_type type = m->client ? SESSION_CLIENT_RAW : SESSION_SERVER_RAW;
	struct buf bytes;

	buf_init(&bytes, SESSION_FILE_MAX);
	if (decode(r, skip_blank(rest), &bytes) == 0)
		add_bytes(r, type, m->client, buf_span(&bytes), r->line.p);
	buf_release(&bytes);
}

static void read_both(struct reader *r, const struct mark *m, struct span rest)
{
	struct span text = span_trim(rest), inside, word;

	if (!is_bracket(text)) {
		diag_hint(fault_at(r, text.p, "after \"C & S:\" only a step in <…> may stand"),
		          "write C & S: <negotiate TLS>");
		return;
	}
	inside = span_first(span_skip(text, 1), text.n - 2);
	word = span_word(&inside);
	if (span_eq_nocase(word, SPAN("negotiate")) &&
	    span_eq_nocase(span_word(&inside), SPAN("TLS")))
		add_step(r, SESSION_TLS, m->client, text.p);
	else
		pass_over(r, text);
}

static void read_comparison(struct reader *r, const struct mark *m, struct span rest)
{
	(void)m, (void)rest;
	diag_hint(fault_at(r, r->line.p,
	                   "S* S~ S= and S? compare replies; a server cannot send them"),
	          "write the reply out with S: or S!");
}

static void read_directive(struct reader *r, const struct mark *m, struct span rest)
{
	(void)m, (void)rest;
	fault_at(r, r->line.p, "directives (lines that begin with @) are not understood here");
}

/* --- lines --- */

/* The first byte that a session file may not hold as it is, or line.n. */
static size_t forbidden_byte(struct span line)
{
	for (size_t i = 0; i < line.n;) {
		uint32_t cp;
		size_t n = utf8_decode(span_skip(line, i), &cp);

		if (n == 0 || (cp < 0x20 && cp != '\t') || cp == 0x7f)
			return i;
		i += n;
	}
	return line.n;
}

static const struct mark *find_mark(struct span line)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (span_starts(line, marks[i].text))
			return &marks[i];
	}
	return NULL;
}

static void unknown_mark(struct reader *r)
{
	char *shown = display_dup(r->line, QUOTE_MAX);
	struct buf what;

	buf_init(&what, 256);
	buf_addf(&what, "\"%s\" begins with no known mark", shown);
	diag_hint(fault_at(r, r->line.p, what.data),
	          "lines begin with C: S: C! S! or, for a comment, #");
	buf_release(&what);
	free(shown);
}

static void read_line(struct reader *r)
{
	const struct mark *m = find_mark(r->line);
	size_t bad = forbidden_byte(r->line);

	if (span_trim(r->line).n == 0 || r->line.p[0] == '#')
		return;
	if (bad < r->line.n)
		diag_hint(fault_at(r, r->line.p + bad,
		                   "this byte is a control character or not UTF-8"),
		          "write such bytes with C! or S! and \\xHH");
	else if (m)
		m->read(r, m, span_skip(r->line, m->text.n));
	else
		unknown_mark(r);
}

static struct span next_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* How much indentation all lines share; blank lines do not count. */
static size_t common_indent(struct span text)
{
	struct span first = {NULL, 0};

	for (struct span rest = text; rest.p;) {
		struct span line = next_line(&rest);
		struct span blank = span_first(line, line.n - span_trim_left(line).n);
		size_t same = 0;

		if (blank.n == line.n)
			continue;
		if (!first.p)
			first = blank;
		while (same < first.n && same < blank.n && first.p[same] == blank.p[same])
			same++;
		first.n = same;
	}
	return first.n;
}

struct session_file *session_file_parse(const char *path, struct span text, struct diags *ds)
{
	struct session_file *f = mem_zero(sizeof(*f));
	struct reader r = {.file = f, .ds = ds, .indent = common_indent(text)};

	f->path = mem_dup(path);
	diags_init(&f->warnings);
	for (struct span rest = text; rest.p;) {
		r.line = span_skip(next_line(&rest), r.indent);
		r.number++;
		read_line(&r);
	}
	if (!r.faulty)
		return f;
	session_file_free(f);
	return NULL;
}

struct session_file *session_file_load(const char *path, struct diags *ds)
{
	struct session_file *f = NULL;
	struct diag d;
	struct buf text;

	diag_init(&d);
	buf_init(&text, SESSION_FILE_MAX);
	if (file_read(path, &text, &d) == 0)
		f = session_file_parse(path, buf_span(&text), ds);
	else
		diags_add(ds, d.kind, d.where, "%s", d.what);
	buf_release(&text);
	diag_release(&d);
	return f;
}

void session_file_free(struct session_file *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		free(f->steps[i].text);
	free(f->steps);
	diags_release(&f->warnings);
	free(f->path);
	free(f);
}

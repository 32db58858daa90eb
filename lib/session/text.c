/*
 * Text is read once, when the file is: references are cut out of it and remembered by their place.
 * So nothing that an escape or a variable's value brings in can turn into an escape or a reference.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "session/reader.h"

#define DURATION_MAX_MS (3600 * 1000L)

struct span session_skip_blank(struct span s)
{
	return s.n > 0 && s.p[0] == ' ' ? span_skip(s, 1) : s;
}

/* --- escapes --- */

static size_t take_escape(struct session_reader *r, struct span s, struct buf *out)
{
	size_t taken = escape_decode(span_skip(s, 1), out);

	if (taken > 0)
		return 1 + taken;
	diag_hint(session_fault(r, s.p, "this backslash begins no known escape"),
	          "known are " ESCAPES_KNOWN);
	return 0;
}

/* --- references --- */

static void add_ref(struct session_step *step, struct session_ref *take)
{
	step->refs = mem_resize(step->refs, step->refs_count + 1, sizeof(*step->refs));
	step->refs[step->refs_count++] = *take;
}

/* How many bytes the reference at the start of s has; 0 after a fault. */
static size_t take_ref(struct session_reader *r, struct span s, size_t at,
                       struct session_step *step)
{
	size_t end = span_find(s, '}'), bad;
	struct span inside = span_skip(span_first(s, end), 2);
	struct session_ref ref;
	const char *what;

	if (end == s.n) {
		diag_hint(session_fault(r, s.p, "this ${ has no closing brace"),
		          "for the two characters themselves write $${");
		return 0;
	}
	if (session_ref_parse(inside, &ref, &bad, &what) != 0) {
		session_fault(r, inside.p + bad, what);
		return 0;
	}
	ref.at = at;
	ref.text = mem_dupn(s.p, end + 1);
	ref.column = (unsigned)(r->indent + (size_t)(s.p - r->line.p) + 1);
	add_ref(step, &ref);
	return end + 1;
}

static size_t take_dollar(struct session_reader *r, struct span s, struct buf *out,
                          struct session_step *step)
{
	if (span_starts(s, SPAN("${")))
		return take_ref(r, s, out->len, step);
	buf_addch(out, '$');
	return span_starts(s, SPAN("$$")) ? 2 : 1;
}

int session_read_text(struct session_reader *r, struct span text, bool with_escapes,
                      struct session_step *step)
{
	struct buf out;

	buf_init(&out, SESSION_FILE_MAX);
	while (text.n > 0) {
		size_t plain = 0, taken;

		while (plain < text.n && !(with_escapes && text.p[plain] == '\\') &&
		       !(r->directives && text.p[plain] == '$'))
			plain++;
		buf_add(&out, text.p, plain);
		text = span_skip(text, plain);
		if (text.n == 0)
			break;
		taken = text.p[0] == '$' ? take_dollar(r, text, &out, step)
		                         : take_escape(r, text, &out);
		if (taken == 0) {
			buf_release(&out);
			return -1;
		}
		text = span_skip(text, taken);
	}
	step->len = out.len;
	step->text = buf_take(&out);
	buf_release(&out);
	return 0;
}

/* --- durations --- */

static const struct {
	struct span name;
	long ms;
} units[] = {{SPAN("ms"), 1}, {SPAN("s"), 1000}};

/* Whole units, and for seconds up to three digits behind a point. */
int session_read_duration(struct span text, int64_t *ms)
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

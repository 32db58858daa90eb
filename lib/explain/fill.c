/*
 * A small recursive reader. A text is ours, its values are a peer's: values are appended to the
 * result and never read again as text, so a reply that holds "{me}" or "[[" stays what it is.
 */
#include "explain/fill.h"

#include "base/display.h"
#include "explain/values.h"

enum { FILLED_MAX = 8 << 10, DEPTH_MAX = 8 };

/* The length of s up to the `close` that belongs to the `open` before it; s.n when there is none.
 */
static size_t find_close(struct span s, struct span open, struct span close)
{
	int depth = 1;

	for (size_t i = 0; i < s.n;) {
		bool opens = span_starts(span_skip(s, i), open);
		bool closes = !opens && span_starts(span_skip(s, i), close);

		if (closes && --depth == 0)
			return i;
		depth += opens ? 1 : 0;
		i += opens || closes ? open.n : 1;
	}
	return s.n;
}

static bool fill_span(const struct fill *f, struct span text, int depth, struct buf *out);

static bool add_extra(const struct fill *f, struct span name, struct buf *out)
{
	for (size_t i = 0; i < f->extra_count; i++) {
		if (!f->extra[i].value || !span_eq(span_of(f->extra[i].name), name))
			continue;
		display_add(out, span_of(f->extra[i].value), 0);
		return true;
	}
	return false;
}

static bool fill_value(const struct fill *f, struct span inside, int depth, struct buf *out)
{
	size_t bar = span_find(inside, '|');
	const struct value *v = value_find(span_first(inside, bar));

	if (add_extra(f, span_first(inside, bar), out) || (v && v->add(f, out)))
		return true;
	if (bar == inside.n)
		return false;
	return fill_span(f, span_skip(inside, bar + 1), depth + 1, out);
}

static void fill_group(const struct fill *f, struct span inside, int depth, struct buf *out)
{
	size_t before = out->len;

	if (!fill_span(f, inside, depth + 1, out))
		buf_cut(out, before);
}

/* False when a placeholder had no value. */
static bool fill_span(const struct fill *f, struct span text, int depth, struct buf *out)
{
	bool whole = true;

	while (text.n > 0 && depth < DEPTH_MAX) {
		size_t n;

		if (span_starts(text, SPAN("[["))) {
			text = span_skip(text, 2);
			n = find_close(text, SPAN("[["), SPAN("]]"));
			fill_group(f, span_first(text, n), depth, out);
			text = span_skip(text, n + 2);
		} else if (text.p[0] == '{') {
			text = span_skip(text, 1);
			n = find_close(text, SPAN("{"), SPAN("}"));
			whole = fill_value(f, span_first(text, n), depth, out) && whole;
			text = span_skip(text, n + 1);
		} else {
			buf_addch(out, text.p[0]);
			text = span_skip(text, 1);
		}
	}
	return whole;
}

char *fill_text(const struct fill *f, const char *text)
{
	struct buf out;
	char *result = NULL;

	if (!text)
		return NULL;
	buf_init(&out, FILLED_MAX);
	fill_span(f, span_of(text), 0, &out);
	while (out.len > 0 && out.data[out.len - 1] == ' ')
		buf_cut(&out, out.len - 1);
	if (out.len > 0)
		result = buf_take(&out);
	buf_release(&out);
	return result;
}

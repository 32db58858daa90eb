/*
 * A dialect is tried by reading the whole paste in it, since no single line tells them apart: what
 * curl marks with ">" is a quotation in a mail, and a log of "C:" and "S:" is RFC notation behind
 * something. The dialect in which most lines make sense as SMTP is the right one.
 */
#include "session/import_state.h"

#include <stdlib.h>

#include "base/mem.h"
#include "smtp/verb.h"

enum {
	BEHIND_MAX = 200, /* what a log puts before a line */
	WRAP_INDENT = 3,  /* blanks before the rest of a wrapped line */
	SENSE_POINTS = 4, /* for a line that is SMTP, on its side */
	NOTE_POINTS = 2,
	STRAYS_A_POINT = 4, /* how many of these cost one */
};

/* --- what a line looks like --- */

bool import_is_coded(struct span line)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5')
		return false;
	for (size_t i = 1; i < 3; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return false;
	}
	return line.n == 3 || line.p[3] == ' ' || line.p[3] == '-';
}

/* "Help is near" in a mail is no command: those that take no argument must stand alone. */
bool import_is_command(struct span line)
{
	struct span rest = line, word = span_word(&rest);

	if (word.p != line.p)
		return false;
	switch (smtp_verb_find(word)) {
	case SMTP_VERB_UNKNOWN:
	case SMTP_VERB_CONNECT:
	case SMTP_VERB_MESSAGE:
	case SMTP_VERB_ANSWER: return false;
	case SMTP_VERB_MAIL:
	case SMTP_VERB_RCPT: return span_find(rest, ':') < rest.n;
	case SMTP_VERB_HELO:
	case SMTP_VERB_EHLO:
	case SMTP_VERB_LHLO:
	case SMTP_VERB_AUTH:
	case SMTP_VERB_BDAT: return true;
	default: return rest.n == 0;
	}
}

/* --- items --- */

static bool is_side(enum import_kind k)
{
	return k == IMPORT_LEFT || k == IMPORT_RIGHT;
}

static void count(struct import_scan *s, enum import_kind kind, struct span text)
{
	bool right = kind == IMPORT_RIGHT;

	if (kind == IMPORT_SHAPE)
		right = import_is_coded(text);
	if (!is_side(kind) && kind != IMPORT_SHAPE) {
		s->notes++;
		return;
	}
	s->coded[right] += import_is_coded(text);
	s->verbs[right] += import_is_command(text);
}

void import_add(struct import_scan *s, enum import_kind kind, struct span text)
{
	struct import_item item = {.kind = kind,
	                           .at = s->text.len,
	                           .len = text.n,
	                           .whole = s->here->text,
	                           .line = s->here->number};

	if (buf_addspan(&s->text, text) != 0)
		return;
	count(s, kind, text);
	s->items = mem_grow(s->items, s->count, &s->room, sizeof(*s->items));
	s->items[s->count++] = item;
	s->last = kind;
}

void import_note(struct import_scan *s)
{
	s->notes++;
	s->last = IMPORT_NOTE;
}

void import_stray(struct import_scan *s)
{
	if (span_trim(s->here->text).n == 0)
		return;
	if (s->strays++ == 0)
		s->first_stray = s->here->number;
	s->last = IMPORT_STRAY;
}

struct span import_item_text(const struct import_scan *s, const struct import_item *i)
{
	return span_first(span_skip(buf_span(&s->text), i->at), i->len);
}

/* --- marks --- */

/* The mark without the blanks at its end, which a paste may have lost. */
static struct span core_of(const struct import_mark *m)
{
	return span_trim_right(m->text);
}

/* How many bytes of the line the mark takes, at its start; 0: it is not there. */
static size_t mark_length(const struct import_mark *m, struct span line)
{
	struct span core = core_of(m);
	size_t blanks = m->text.n - core.n, n = core.n;

	if (!span_starts(line, core))
		return 0;
	if (blanks > 0 && n < line.n && line.p[n] != ' ' && core.p[core.n - 1] != ':')
		return 0;
	while (blanks-- > 0 && n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

/* Where the mark stands in the line; line.n: nowhere. */
static size_t mark_find(const struct import_mark *m, struct span line, struct span timeless)
{
	struct span bare = span_trim_left(line);
	size_t limit = m->place == IMPORT_AT_START ? 0 : BEHIND_MAX;

	if (mark_length(m, bare) > 0)
		return line.n - bare.n;
	if (mark_length(m, timeless) > 0)
		return line.n - timeless.n;
	for (size_t i = 1; i < line.n && i < limit; i++) {
		if (line.p[i] == m->text.p[0] && mark_length(m, span_skip(line, i)) > 0 &&
		    (m->place == IMPORT_ANYWHERE || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return i;
	}
	return line.n;
}

/* The mark that says most: first those that are no side's, then the earliest, then the longest. */
static const struct import_mark *find_mark(const struct import_dialect *d, struct span line,
                                           size_t *end)
{
	struct span timeless = span_trim_left(import_skip_time(line));
	const struct import_mark *best = NULL;
	size_t best_at = line.n;
	bool best_special = false;

	for (size_t i = 0; i < IMPORT_MARKS_MAX && d->marks[i].text.p; i++) {
		const struct import_mark *m = &d->marks[i];
		size_t at = mark_find(m, line, timeless);
		bool special = m->kind >= IMPORT_SECURE, wins;

		if (at == line.n)
			continue;
		wins = !best                     ? true
		       : special != best_special ? special
		       : at != best_at           ? at < best_at
		                                 : m->text.n > best->text.n;
		if (!wins)
			continue;
		best = m;
		best_at = at;
		best_special = special;
	}
	if (best)
		*end = best_at + mark_length(best, span_skip(line, best_at));
	return best;
}

/* --- lines --- */

static void take_marked(struct import_scan *s, const struct import_mark *m, struct span text)
{
	if (m->kind == IMPORT_NOTE && s->dialect->unmarked != IMPORT_UNMARKED_SHAPE)
		import_note(s);
	else if (is_side(m->kind) && s->dialect->decode)
		s->dialect->decode(s, m->kind, text);
	else
		import_add(s, m->kind, text);
}

static void join_wrapped(struct import_scan *s, struct span line)
{
	struct import_item *item = &s->items[s->count - 1];

	if (buf_addch(&s->text, ' ') == 0 && buf_addspan(&s->text, span_trim(line)) == 0)
		item->len = s->text.len - item->at;
}

static void take_unmarked(struct import_scan *s, struct span line)
{
	struct span bare = span_trim_left(line);
	bool after = s->count > 0 && is_side(s->last);

	switch (s->dialect->unmarked) {
	case IMPORT_UNMARKED_SHAPE: import_add(s, IMPORT_SHAPE, line); return;
	case IMPORT_UNMARKED_WRAP:
		if (after && line.n - bare.n >= WRAP_INDENT && bare.n > 0) {
			join_wrapped(s, line);
			return;
		}
		break;
	case IMPORT_UNMARKED_REPLY:
		if (after && import_is_coded(bare)) {
			import_add(s, s->last, bare);
			return;
		}
		break;
	case IMPORT_UNMARKED_STRAY: break;
	}
	import_stray(s);
}

static void take_line(struct import_scan *s)
{
	const struct import_dialect *d = s->dialect;
	struct span line = s->here->text;
	const struct import_mark *m;
	size_t end;

	if (d->read && d->read(s, line))
		return;
	m = find_mark(d, line, &end);
	if (m)
		take_marked(s, m, span_skip(line, end));
	else
		take_unmarked(s, line);
}

/* --- which side is which, and whether it is one at all --- */

static void judge(struct import_scan *s)
{
	long left = (long)s->coded[0] - (long)s->verbs[0];
	long right = (long)s->coded[1] - (long)s->verbs[1];
	size_t server, good;

	s->right_is_client = left > right && !s->dialect->keeps_sides;
	server = s->right_is_client ? 0 : 1;
	good = s->coded[server] + s->verbs[!server];
	if (s->coded[server] == 0 || good < 2)
		return;
	s->score = (long)good * SENSE_POINTS + (long)s->notes * NOTE_POINTS -
	           (long)s->strays / STRAYS_A_POINT;
	if (s->score < 1)
		s->score = 1;
}

void import_scan_run(struct import_scan *s, const struct import_dialect *dialect,
                     const struct import_lines *lines)
{
	*s = (struct import_scan){.dialect = dialect, .last = IMPORT_STRAY};
	buf_init_secret(&s->text, 4u * IMPORT_MAX);
	for (size_t i = 0; i < lines->count; i++) {
		s->here = &lines->list[i];
		s->next = i + 1 < lines->count ? &lines->list[i + 1] : NULL;
		take_line(s);
	}
	judge(s);
}

void import_scan_release(struct import_scan *s)
{
	free(s->items);
	buf_release(&s->text);
	*s = (struct import_scan){0};
}

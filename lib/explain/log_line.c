/*
 * A million of these come in one file, so a line is walked once, from left to right, and nothing is
 * searched for that can be stepped over.
 */
#include "explain/log_line.h"

#include <string.h>

#include "base/ascii.h"

static bool is_clock(struct span t)
{
	return t.n >= 8 && ascii_is_digit(t.p[0]) && ascii_is_digit(t.p[1]) && t.p[2] == ':' &&
	       ascii_is_digit(t.p[3]) && ascii_is_digit(t.p[4]) && t.p[5] == ':' &&
	       ascii_is_digit(t.p[6]) && ascii_is_digit(t.p[7]);
}

static struct span skip_word(struct span t)
{
	while (t.n > 0 && t.p[0] != ' ')
		t = span_skip(t, 1);
	return t.n > 0 ? span_skip(t, 1) : t;
}

/* "<22>" and "<22>1 ". True: what follows is in the form of RFC 5424. */
static bool skip_priority(struct span *t)
{
	size_t end;

	if (t->n == 0 || t->p[0] != '<')
		return false;
	end = span_find(span_first(*t, 6), '>');
	if (end >= 6 || end + 3 > t->n)
		return false;
	*t = span_skip(*t, end + 1);
	if (t->p[0] != '1' || t->p[1] != ' ')
		return false;
	*t = span_skip(*t, 2);
	return true;
}

static bool is_month(struct span t)
{
	return t.n >= 16 && ascii_is_upper(t.p[0]) && ascii_is_lower(t.p[1]) &&
	       ascii_is_lower(t.p[2]) && t.p[3] == ' ';
}

static bool is_iso_date(struct span t)
{
	return t.n >= 20 && ascii_is_digit(t.p[0]) && ascii_is_digit(t.p[3]) && t.p[4] == '-' &&
	       ascii_is_digit(t.p[5]) && t.p[7] == '-' && ascii_is_digit(t.p[8]) &&
	       (t.p[10] == 'T' || t.p[10] == ' ');
}

/* Takes the date and what belongs to it (a fraction, a zone). */
static bool take_date(struct span *t, struct log_line *out)
{
	size_t at;

	if (is_month(*t))
		at = 7;
	else if (is_iso_date(*t))
		at = 11;
	else
		return false;
	out->clock = span_skip(*t, at);
	if (!is_clock(out->clock))
		return false;
	out->clock = span_first(out->clock, 8);
	out->stamp = span_first(*t, at + 8);
	*t = skip_word(span_skip(*t, at + 8));
	return true;
}

static enum log_program find_program(struct span tag)
{
	if (span_starts(tag, SPAN("postfix")))
		return LOG_POSTFIX;
	if (span_starts(tag, SPAN("exim")))
		return LOG_EXIM;
	if (span_starts(tag, SPAN("sendmail")) || span_starts(tag, SPAN("sm-mta")))
		return LOG_SENDMAIL;
	return LOG_OTHER;
}

static struct span last_part(struct span tag)
{
	for (size_t i = tag.n; i > 0; i--)
		if (tag.p[i - 1] == '/')
			return span_skip(tag, i);
	return tag;
}

/* "postfix/smtp[123]: " before the text. */
static bool take_tag(struct span *t, struct log_line *out)
{
	size_t end = 0, n = t->n < 80 ? t->n : 80;
	struct span tag;

	while (end < n && t->p[end] != '[' && t->p[end] != ':' && t->p[end] != ' ')
		end++;
	if (end == n || end == 0 || t->p[end] == ' ')
		return false;
	tag = span_first(*t, end);
	out->program = find_program(tag);
	out->daemon = last_part(tag);
	*t = span_skip(*t, end);
	if (t->p[0] == '[') {
		end = span_find(span_first(*t, 16), ']');
		if (end >= t->n || end >= 16)
			return false;
		out->pid = span_from(t->p + 1, end - 1);
		*t = span_skip(*t, end + 1);
	}
	if (t->n == 0 || t->p[0] != ':')
		return false;
	*t = span_trim_left(span_skip(*t, 1));
	return true;
}

/* RFC 5424 §6: HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG. */
static bool take_fields(struct span *t, struct log_line *out)
{
	struct span tag;

	*t = skip_word(*t);
	tag = span_first(*t, span_find(*t, ' '));
	out->program = find_program(tag);
	out->daemon = last_part(tag);
	*t = skip_word(*t);
	out->pid = span_first(*t, span_find(*t, ' '));
	*t = skip_word(skip_word(*t));
	if (t->n > 0 && t->p[0] == '[')
		*t = span_skip(*t, span_find(*t, ']') + 1);
	else
		*t = skip_word(*t);
	*t = span_trim_left(*t);
	if (span_starts(*t, SPAN("\xef\xbb\xbf"))) /* §6.4: a BOM says that it is UTF-8 */
		*t = span_skip(*t, 3);
	return t->n > 0;
}

/* "1abcDE-0002Kf-AB" (and the longer ones of Exim 4.97). */
static bool is_exim_id(struct span t)
{
	size_t n = span_find(span_first(t, 32), ' ');

	return (n == 16 && t.p[6] == '-' && t.p[13] == '-') ||
	       (n == 23 && t.p[6] == '-' && t.p[18] == '-');
}

/* Exim's own file: the date, perhaps a pid, and then an id or words without any tag. */
static bool is_exim_text(struct span t)
{
	return is_exim_id(t) || span_starts(t, SPAN("H=")) || span_starts(t, SPAN("SMTP ")) ||
	       span_starts(t, SPAN("TLS ")) || span_starts(t, SPAN("no host name found"));
}

static bool take_exim(struct span *t, struct log_line *out)
{
	struct span rest = *t;

	if (rest.n > 0 && rest.p[0] == '[')
		rest = span_trim_left(span_skip(rest, span_find(rest, ']') + 1));
	if (out->stamp.n == 0 || out->stamp.p[10] != ' ' || !is_exim_text(rest))
		return false;
	out->program = LOG_EXIM;
	out->daemon = SPAN("exim");
	*t = rest;
	return true;
}

bool log_line_read(struct span line, struct log_line *out)
{
	struct span t = span_trim_right(line);
	bool fields;

	memset(out, 0, sizeof(*out));
	if (span_starts(t, SPAN("# "))) /* as smtptalk's /log shows it */
		t = span_skip(t, 2);
	fields = skip_priority(&t);
	if (!take_date(&t, out))
		return false;
	if (fields) {
		if (!take_fields(&t, out))
			return false;
	} else if (!take_exim(&t, out)) {
		t = skip_word(t); /* the host */
		if (!take_tag(&t, out))
			return false;
	}
	/* Exim through syslog may repeat its own date. */
	if (out->program == LOG_EXIM && is_iso_date(t)) {
		struct log_line inner = {0};

		if (take_date(&t, &inner))
			out->clock = inner.clock;
	}
	out->text = t;
	return true;
}

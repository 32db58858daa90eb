/*
 * What it is shows in its first lines: a log has dates, a message has header fields, a transcript
 * has marks for the two sides. Only as much is read for that as comes at once, so that a log that
 * is followed is not waited for.
 */
#include "ui/explain_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "explain/log.h"

enum { BLOCK = 256 << 10, LOOKED_AT = 64 << 10 };

void explain_input_init(struct explain_input *in, int fd, const char *name)
{
	memset(in, 0, sizeof(*in));
	in->fd = fd;
	in->name = name;
	buf_init(&in->buf, EXPLAIN_MAIL_MAX + BLOCK);
}

void explain_input_release(struct explain_input *in)
{
	buf_release(&in->buf);
}

static struct span waiting(const struct explain_input *in)
{
	return span_skip(buf_span(&in->buf), in->at);
}

/* One read; what was taken makes room first. */
static void read_more(struct explain_input *in)
{
	static const size_t MOST = BLOCK;
	char block[64 << 10];
	ssize_t n;

	if (in->at > 0) {
		buf_drop(&in->buf, in->at);
		in->at = 0;
	}
	n = read(in->fd, block, sizeof(block) < MOST ? sizeof(block) : MOST);
	if (n < 0 && errno == EINTR)
		return;
	if (n < 0)
		in->error = errno;
	if (n <= 0)
		in->eof = true;
	else if (buf_add(&in->buf, block, (size_t)n) < 0)
		in->eof = true;
}

bool explain_input_line(struct explain_input *in, struct span *line)
{
	size_t looked = 0, end;
	bool cut = false;

	for (;;) {
		struct span rest = waiting(in);
		const char *lf =
		        rest.n > looked ? memchr(rest.p + looked, '\n', rest.n - looked) : NULL;

		if (lf) {
			end = (size_t)(lf - rest.p);
			break;
		}
		/* Of an endless line only its beginning is kept. */
		if (rest.n > EXPLAIN_LINE_MAX) {
			buf_cut(&in->buf, in->at + EXPLAIN_LINE_MAX);
			cut = true;
		}
		looked = waiting(in).n;
		if (in->eof) {
			end = looked;
			break;
		}
		read_more(in);
	}
	*line = span_first(waiting(in), end);
	if (in->eof && end == waiting(in).n && end == 0)
		return false;
	in->at += end + (end < waiting(in).n);
	in->lines++;
	if (cut || line->n > EXPLAIN_LINE_MAX) {
		in->first_cut = in->first_cut ? in->first_cut : in->lines;
		in->cut_lines++;
		*line = span_first(*line, EXPLAIN_LINE_MAX);
	}
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

struct span explain_input_all(struct explain_input *in, bool *cut)
{
	while (!in->eof && waiting(in).n < EXPLAIN_MAIL_MAX)
		read_more(in);
	*cut = !in->eof || in->buf.full;
	return waiting(in);
}

static bool is_utf16(struct span t)
{
	size_t zeros = 0;

	if (span_starts(t, SPAN("\xff\xfe")) || span_starts(t, SPAN("\xfe\xff")))
		return true;
	t = span_first(t, 400);
	for (size_t i = 0; i < t.n; i++)
		zeros += t.p[i] == '\0';
	return t.n >= 8 && zeros * 3 > t.n && zeros * 2 <= t.n + 1;
}

static int check_text(const struct explain_input *in, struct span t, struct diag *d)
{
	if (is_utf16(t)) {
		diag_set(d, DIAG_INPUT, in->name, "this is UTF-16, not bytes of mail");
		diag_hint(d, "make it UTF-8 first: iconv -f UTF-16 -t UTF-8");
		return -1;
	}
	if (memchr(t.p, '\0', t.n))
		return diag_set(d, DIAG_INPUT, in->name, "this is no text: it has NUL bytes");
	return 0;
}

/* "Name:" at the beginning, not the mark of a side. */
static bool is_header(struct span line)
{
	size_t n = 0;

	while (n < line.n && (ascii_is_alnum(line.p[n]) || line.p[n] == '-'))
		n++;
	return n >= 2 && n < line.n && line.p[n] == ':' && ascii_is_letter(line.p[0]);
}

static bool has_mark(struct span line)
{
	static const char *const MARKS[] = {"C: ",  "S: ",  "C:\r", "S:\r", "-> ",
	                                    "<- ",  " -> ", "<-  ", "<~  ", " ~> ",
	                                    "<** ", ">>> ", "<<< ", "> ",   "< "};

	for (size_t i = 0; i < sizeof(MARKS) / sizeof(MARKS[0]); i++)
		if (span_starts(line, span_of(MARKS[i])))
			return true;
	return false;
}

static bool has_words(struct span t, const char *words)
{
	return memmem(t.p, t.n, words, strlen(words)) != NULL;
}

/* A report that lost its header on the way into this file. */
static bool is_report(struct span t)
{
	return has_words(t, "qmail-send program") || has_words(t, "\nFinal-Recipient:") ||
	       has_words(t, "\nFinal-recipient:");
}

static enum explain_kind kind_of(struct span t)
{
	struct span rest = t, line;
	unsigned headers = 0, looked = 0;

	while (rest.p && looked < 20) {
		line = span_cut(&rest, '\n');
		if (span_trim(line).n == 0 || line.p[0] == '\r')
			continue;
		if (looked == 0 && span_starts(line, SPAN("From ")))
			return EXPLAIN_MAIL;
		if (log_recognise(line))
			return EXPLAIN_LOG;
		if (looked == headers && is_header(line))
			headers++;
		else if (headers > 0 && ascii_is_blank(line.p[0]))
			continue;
		looked++;
	}
	if (headers >= 2 || (headers == 1 && looked > 1))
		return EXPLAIN_MAIL;
	for (rest = t; rest.p;)
		if (has_mark(span_cut(&rest, '\n')))
			return EXPLAIN_TRANSCRIPT;
	return is_report(t) ? EXPLAIN_MAIL : EXPLAIN_LINES;
}

int explain_input_kind(struct explain_input *in, enum explain_kind *kind, struct diag *d)
{
	struct span t;

	do
		read_more(in);
	while (!in->eof && waiting(in).n < LOOKED_AT &&
	       !memchr(waiting(in).p, '\n', waiting(in).n));
	if (in->error)
		return diag_set(d, DIAG_INPUT, in->name, "%s", strerror(in->error));
	t = waiting(in);
	*kind = EXPLAIN_EMPTY;
	if (t.n == 0)
		return 0;
	if (check_text(in, t, d) < 0)
		return -1;
	*kind = kind_of(span_first(t, LOOKED_AT));
	return 0;
}

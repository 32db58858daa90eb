/*
 * The marks of swaks: three characters and a blank before every line. Programs read them, so they
 * are written here byte for byte; what a server sent is made safe all the same.
 */
#include <stdio.h>
#include <string.h>

#include "base/display.h"
#include "ui/send_state.h"

enum { SHOWN_MAX = 4 << 20, ROW = 16 };

static const char *mark_of(const struct send_show *s, enum send_shown kind, bool fault)
{
	static const char *const marks[][2][2] = {
	        /* in the clear, encrypted; each as expected, then not */
	        [SEND_SHOWN_INFO] = {{"=== ", "*** "}, {"=== ", "*** "}},
	        [SEND_SHOWN_FAULT] = {{"*** ", "*** "}, {"*** ", "*** "}},
	        [SEND_SHOWN_SENT] = {{" -> ", "**> "}, {" ~> ", "*~> "}},
	        [SEND_SHOWN_CAME] = {{"<-  ", "<** "}, {"<~  ", "<~* "}},
	};

	if ((kind == SEND_SHOWN_SENT && s->no_send_marks) ||
	    (kind == SEND_SHOWN_CAME && s->no_receive_marks) ||
	    (kind <= SEND_SHOWN_FAULT && s->no_info_marks))
		return "";
	return marks[kind][s->tls][fault];
}

static void write_out(enum send_shown kind, struct buf *out)
{
	FILE *to = kind == SEND_SHOWN_FAULT ? stderr : stdout;

	fflush(kind == SEND_SHOWN_FAULT ? stdout : stderr);
	fwrite(out->data, 1, out->len, to);
	buf_clear(out);
	fflush(to);
}

void send_mark(struct send_show *s, enum send_shown kind, bool fault, struct span text)
{
	const char *mark = mark_of(s, kind, fault);
	struct buf out;

	buf_init(&out, SHOWN_MAX);
	while (text.p) {
		struct span line = span_cut(&text, '\n');

		if (!text.p && line.n == 0)
			break;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (out.len + 5 * line.n + 8 > SHOWN_MAX)
			write_out(kind, &out);
		buf_addstr(&out, mark);
		display_add(&out, line, DISPLAY_TAB | (s->utf8 ? 0 : DISPLAY_ASCII));
		buf_addch(&out, '\n');
	}
	write_out(kind, &out);
	buf_release(&out);
}

static void add_row(struct buf *out, const char *mark, size_t at, struct span row)
{
	buf_addf(out, "%s%04zu:", mark, at);
	for (size_t i = 0; i < ROW; i++) {
		if (i % 4 == 0)
			buf_addch(out, ' ');
		if (i < row.n)
			buf_addf(out, "%02X ", (unsigned char)row.p[i]);
		else
			buf_addstr(out, "   ");
	}
	buf_addstr(out, "   ");
	for (size_t i = 0; i < ROW; i++)
		buf_addch(out, i >= row.n                            ? ' '
		               : row.p[i] > ' ' && row.p[i] < '\x7f' ? row.p[i]
		                                                     : '.');
	buf_addch(out, '\n');
}

void send_mark_raw(struct send_show *s, enum send_shown kind, struct span bytes)
{
	const char *mark = kind == SEND_SHOWN_SENT ? "  > " : "<   ";
	struct buf out;

	if (!s->marks)
		mark = kind == SEND_SHOWN_SENT ? "# > " : "# < ";
	else if (*mark_of(s, kind, false) == '\0')
		mark = "";
	buf_init(&out, SHOWN_MAX);
	for (size_t at = 0; at < bytes.n; at += ROW) {
		if (out.len > SHOWN_MAX / 2)
			write_out(kind, &out);
		add_row(&out, mark, at, span_first(span_skip(bytes, at), ROW));
	}
	write_out(kind, &out);
	buf_release(&out);
}

/*
 * Output goes through stdio's stdout because readline writes there too: one buffer keeps the order
 * and lets a whole update leave in one write. view_new() makes that buffer large enough.
 */
#include "ui/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/display.h"
#include "base/mem.h"
#include "ui/width.h"

enum {
	VIEW_LINE_MAX = 4 << 20,
	VIEW_COLUMNS_MAX = 100,
	VIEW_COLUMNS_MIN = 20,
	VIEW_COLUMNS_DEFAULT = 80,
	VIEW_HANG = 6
};

struct view {
	struct loop *loop;
	struct view_settings s;
	struct view_guard guard;
	void (*heard)(void *arg, const char *text); /* or NULL */
	void *heard_arg;
	int columns; /* to wrap at */
	bool hidden; /* the edited line is away until the flush */
	bool dirty;
	int error;
	struct loop_timer *timer;
};

#define STYLE_BOLD "\033[1m"
#define STYLE_OFF  "\033[m"

/* What the terminal says of its width; where there is none, what paper and mail use. */
static int terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return VIEW_COLUMNS_DEFAULT;
}

struct view *view_new(struct loop *l, const struct view_settings *s)
{
	struct view *v = mem_zero(sizeof(*v));

	v->loop = l;
	v->s = *s;
	view_set_columns(v, terminal_columns());
	setvbuf(stdout, NULL, _IOFBF, 64u << 10);
	return v;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	view_flush(v);
	loop_timer_free(v->timer);
	free(v);
}

/* A full disk or a closed pipe is told once; the conversation goes on. */
static void note_failure(struct view *v)
{
	int error = errno;

	clearerr(stdout);
	if (v->error)
		return;
	v->error = error ? error : EIO;
	if (v->error != EPIPE)
		fprintf(stderr,
		        "smtptalk: standard output: %s; what follows may be missing there\n",
		        strerror(v->error));
}

void view_flush(struct view *v)
{
	loop_timer_free(v->timer);
	v->timer = NULL;
	if (!v->dirty)
		return;
	v->dirty = false;
	if (v->hidden) {
		v->hidden = false;
		v->guard.show(v->guard.arg);
	}
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		note_failure(v);
}

static void flush_later(void *arg)
{
	view_flush(arg);
}

static void begin(struct view *v)
{
	if (v->guard.hide && !v->hidden) {
		v->hidden = true;
		v->guard.hide(v->guard.arg);
	}
	v->dirty = true;
	if (!v->timer)
		v->timer = loop_timer_new(v->loop, 0, flush_later, v);
}

void view_set_guard(struct view *v, const struct view_guard *g)
{
	if (!g)
		view_flush(v);
	v->guard = g ? *g : (struct view_guard){NULL, NULL, NULL};
	if (g)
		begin(v); /* the flush shows it, in one write with what is printed already */
}

void view_set_listener(struct view *v, void (*heard)(void *arg, const char *text), void *arg)
{
	v->heard = heard;
	v->heard_arg = arg;
}

static void let_hear(struct view *v, const struct buf *text)
{
	if (v->heard)
		v->heard(v->heard_arg, text->data);
}

void view_set_columns(struct view *v, int columns)
{
	int most = v->s.columns ? v->s.columns : VIEW_COLUMNS_MAX;

	if (columns > most)
		columns = most;
	v->columns = columns < VIEW_COLUMNS_MIN ? VIEW_COLUMNS_MIN : columns;
}

void view_set_notes(struct view *v, bool on)
{
	v->s.notes = on;
}

bool view_ascii(const struct view *v)
{
	return v->s.ascii;
}

bool view_color(const struct view *v)
{
	return v->s.color;
}

int view_error(const struct view *v)
{
	return v->error;
}

static void put(struct view *v, const struct buf *b)
{
	if (v->s.silent)
		return;
	begin(v);
	errno = 0;
	if (fwrite(b->data, 1, b->len, stdout) != b->len)
		note_failure(v);
}

/* --- our own words on a terminal without UTF-8 --- */

static const struct {
	const char *from, *to;
} plain_words[] = {
        {"§", "section "}, {"…", "..."}, {"–", "-"},  {"—", "-"},  {"“", "\""}, {"”", "\""},
        {"‘", "'"},        {"’", "'"},   {"→", "->"}, {"←", "<-"}, {"×", "x"},  {"≤", "<="},
};

static void add_plain(struct buf *out, struct span text)
{
	while (text.n > 0) {
		size_t i, count = sizeof(plain_words) / sizeof(*plain_words);

		for (i = 0; i < count; i++)
			if (span_starts(text, span_of(plain_words[i].from)))
				break;
		if (i < count) {
			buf_addstr(out, plain_words[i].to);
			text = span_skip(text, strlen(plain_words[i].from));
		} else {
			buf_addch(out, text.p[0]);
			text = span_skip(text, 1);
		}
	}
}

static void add_safe(struct view *v, struct buf *out, struct span text, unsigned flags)
{
	struct buf plain;

	if (!v->s.ascii) {
		display_add(out, text, flags);
		return;
	}
	buf_init(&plain, VIEW_LINE_MAX);
	add_plain(&plain, text);
	display_add(out, buf_span(&plain), flags | DISPLAY_ASCII);
	buf_release(&plain);
}

/* --- the two sides --- */

static unsigned wire_flags(const struct view *v)
{
	return DISPLAY_TAB | (v->s.ascii ? DISPLAY_ASCII : 0u);
}

void view_client(struct view *v, struct span line)
{
	struct buf b;

	buf_init(&b, VIEW_LINE_MAX);
	if (v->s.color)
		buf_addstr(&b, STYLE_BOLD "C: " STYLE_OFF);
	else
		buf_addstr(&b, "C: ");
	display_add(&b, line, wire_flags(v));
	buf_addch(&b, '\n');
	put(v, &b);
	buf_release(&b);
}

static void add_escape(struct buf *b, unsigned char c)
{
	static const char from[] = "\r\n\t\\", to[] = "rnt\\";
	const char *p = c ? strchr(from, c) : NULL;

	if (p)
		buf_addf(b, "\\%c", to[p - from]);
	else if (c < 0x20 || c >= 0x7f)
		buf_addf(b, "\\x%02x", c);
	else
		buf_addch(b, (char)c);
}

void view_client_raw(struct view *v, struct span bytes)
{
	struct buf b;

	buf_init(&b, VIEW_LINE_MAX);
	buf_addstr(&b, v->s.color ? STYLE_BOLD "C!" STYLE_OFF " " : "C! ");
	for (size_t i = 0; i < bytes.n; i++)
		add_escape(&b, (unsigned char)bytes.p[i]);
	buf_addch(&b, '\n');
	put(v, &b);
	buf_release(&b);
}

void view_client_escaped(struct view *v, struct span text)
{
	struct buf b;

	buf_init(&b, VIEW_LINE_MAX);
	buf_addstr(&b, v->s.color ? STYLE_BOLD "C!" STYLE_OFF " " : "C! ");
	add_safe(v, &b, text, 0);
	buf_addch(&b, '\n');
	put(v, &b);
	buf_release(&b);
}

/* The code's colour only repeats what its first digit says. */
static const char *code_style(struct span line)
{
	switch (line.n ? line.p[0] : 0) {
	case '2':
	case '3': return "\033[1;32m";
	case '4': return "\033[1;33m";
	case '5': return "\033[1;31m";
	default: return STYLE_BOLD;
	}
}

void view_server(struct view *v, struct span line)
{
	size_t code = line.n >= 3 ? 3 : 0;
	struct buf b;

	buf_init(&b, VIEW_LINE_MAX);
	if (v->s.color) {
		buf_addf(&b, "%sS: ", code_style(line));
		display_add(&b, span_first(line, code), wire_flags(v));
		buf_addstr(&b, STYLE_OFF);
		line = span_skip(line, code);
	} else {
		buf_addstr(&b, "S: ");
	}
	display_add(&b, line, wire_flags(v));
	buf_addch(&b, '\n');
	put(v, &b);
	buf_release(&b);
}

void view_both(struct view *v, const char *what)
{
	struct buf b;

	buf_init(&b, VIEW_LINE_MAX);
	buf_addf(&b, v->s.color ? STYLE_BOLD "C & S: " STYLE_OFF "%s\n" : "C & S: %s\n", what);
	put(v, &b);
	buf_release(&b);
}

/* --- what we say --- */

static const char *mark(const struct view *v)
{
	return v->s.color ? "\033[2m#\033[m" : "#";
}

/* Wraps text between what the first line and what the others begin with. */
static void put_wrapped(struct view *v, struct span text, const char *first, int indent)
{
	struct buf head, rest, safe, out;

	buf_init(&head, VIEW_LINE_MAX);
	buf_init(&rest, VIEW_LINE_MAX);
	buf_init(&safe, VIEW_LINE_MAX);
	buf_init(&out, VIEW_LINE_MAX);
	buf_addf(&head, "%s %s", mark(v), first);
	buf_addf(&rest, "%s%*s", mark(v), indent, "");
	add_safe(v, &safe, text, DISPLAY_NEWLINE);
	struct width_margin m = {.first = head.data,
	                         .rest = rest.data,
	                         .first_width = 2 + width_of(span_of(first)),
	                         .rest_width = 1 + indent};
	width_wrap(&out, buf_span(&safe), v->columns, &m);
	put(v, &out);
	buf_release(&out);
	buf_release(&safe);
	buf_release(&rest);
	buf_release(&head);
}

__attribute__((format(printf, 3, 0))) static void say(struct view *v, bool heard,
                                                      const char *format, va_list args)
{
	struct buf text;

	buf_init(&text, VIEW_LINE_MAX);
	buf_vaddf(&text, format, args);
	if (heard)
		let_hear(v, &text);
	put_wrapped(v, buf_span(&text), "", VIEW_HANG);
	buf_release(&text);
}

void view_item(struct view *v, const char *left, int width, const char *text)
{
	bool narrow = v->columns < 3 * width; /* then the text hangs as a note does */
	struct buf first;

	buf_init(&first, VIEW_LINE_MAX);
	buf_addf(&first, "  %-*s%s", narrow ? 0 : width, left, narrow ? "  " : " ");
	put_wrapped(v, span_of(text), first.data, narrow ? VIEW_HANG : width + 4);
	buf_release(&first);
}

void view_note(struct view *v, const char *format, ...)
{
	va_list args;

	if (!v->s.notes)
		return;
	va_start(args, format);
	say(v, true, format, args);
	va_end(args);
}

void view_hint(struct view *v, const char *format, ...)
{
	va_list args;

	if (!v->s.notes)
		return;
	va_start(args, format);
	say(v, false, format, args);
	va_end(args);
}

void view_say(struct view *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(v, false, format, args);
	va_end(args);
}

void view_block(struct view *v, struct span text)
{
	struct buf out;

	buf_init(&out, VIEW_LINE_MAX);
	if (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	while (text.p) {
		struct span line = span_cut(&text, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		buf_addstr(&out, mark(v));
		if (line.n)
			buf_addch(&out, ' ');
		add_safe(v, &out, line, DISPLAY_TAB);
		buf_addch(&out, '\n');
	}
	put(v, &out);
	buf_release(&out);
}

void view_plain(struct view *v, struct span line)
{
	struct buf out;

	buf_init(&out, VIEW_LINE_MAX);
	add_safe(v, &out, line, DISPLAY_TAB);
	buf_addch(&out, '\n');
	put(v, &out);
	buf_release(&out);
}

void view_diag(struct view *v, const struct diag *d)
{
	struct buf text, line;

	buf_init(&text, 64u << 10);
	buf_init(&line, 64u << 10);
	diag_format(d, &text);
	let_hear(v, &text);
	buf_addstr(&line, "smtptalk: ");
	for (struct span rest = buf_span(&text); rest.p;) {
		add_safe(v, &line, span_cut(&rest, '\n'), 0);
		buf_addstr(&line, rest.p ? "\n  " : "\n");
	}
	if (v->s.silent) {
		buf_release(&line);
		buf_release(&text);
		return;
	}
	begin(v);
	fflush(stdout); /* standard error is mostly the same screen */
	fwrite(line.data, 1, line.len, stderr);
	buf_release(&line);
	buf_release(&text);
}

void view_diags(struct view *v, const struct diags *ds)
{
	for (size_t i = 0; i < ds->count; i++)
		view_diag(v, &ds->list[i]);
	if (ds->dropped && !v->s.silent)
		fprintf(stderr, "smtptalk: and %zu more\n", ds->dropped);
}

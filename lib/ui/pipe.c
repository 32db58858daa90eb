/*
 * Standard input that is no terminal: a script's lines, read only when it is our turn.
 *
 * A line is given only while the owner is ready, so that a slow server slows the writer of the
 * pipe and nothing piles up here. Regular files cannot be watched by the event loop (epoll refuses
 * them) and never block: they are read directly.
 */
#include "ui/input.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

enum { PIPE_CHUNK = 64 << 10, LEFT_MS = 100 };

struct pipe_input {
	struct input base;
	const struct input_handler *handler;
	void *arg;
	struct loop_watch *watch; /* NULL for a regular file */
	struct buf bytes;
	size_t at;          /* in bytes: what is before it was given */
	size_t scanned;     /* up to here there is no LF */
	unsigned long line; /* lines given so far */
	bool ready, eof, done;
	int error; /* of a read that failed */
	bool delivering;
};

static void fault(struct pipe_input *p, const char *what, const char *hint)
{
	struct diag d;
	char where[60];

	diag_init(&d);
	snprintf(where, sizeof(where), "standard input:%lu", p->line);
	diag_set(&d, DIAG_INPUT, where, "%s", what);
	if (hint)
		diag_hint(&d, "%s", hint);
	p->done = true;
	p->handler->ended(p->arg, INPUT_END_FAULT, &d);
	diag_release(&d);
}

/* Reads once. False when there was nothing to have now. */
static bool fill(struct pipe_input *p)
{
	char chunk[PIPE_CHUNK];
	ssize_t n;

	if (p->at > 0) {
		buf_drop(&p->bytes, p->at);
		p->scanned -= p->at;
		p->at = 0;
	}
	n = read(STDIN_FILENO, chunk, sizeof(chunk));
	if (n > 0)
		buf_add(&p->bytes, chunk, (size_t)n);
	else if (n == 0)
		p->eof = true;
	else if (errno != EINTR && errno != EAGAIN)
		p->error = errno;
	return n > 0;
}

/* The next whole line, or the last one without LF. */
static bool take_line(struct pipe_input *p, struct span *line)
{
	struct span rest = span_skip(buf_span(&p->bytes), p->scanned);
	size_t n = span_find(rest, '\n');
	size_t end = p->scanned + n, next;

	if (n == rest.n) {
		p->scanned = end;
		if (!p->eof || end == p->at)
			return false;
		next = end;
	} else {
		next = end + 1;
	}
	*line = span_from(p->bytes.data + p->at, end - p->at);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	p->at = p->scanned = next;
	p->line++;
	return true;
}

static bool too_long(const struct pipe_input *p)
{
	return p->bytes.len - p->at > INPUT_LINE_MAX && p->scanned == p->bytes.len;
}

static void give(struct pipe_input *p, struct span line)
{
	if (memchr(line.p, 0, line.n)) {
		fault(p, "the line holds a NUL byte; stopped before it",
		      "mail cannot hold one; /raw at the prompt sends any bytes");
		return;
	}
	p->ready = false;
	p->handler->line(p->arg, line);
}

/* Gives lines as long as the owner stays ready. Owners call set_ready() from within; the loop here
 * keeps that from becoming deep recursion. */
static void deliver(struct pipe_input *p)
{
	if (p->delivering)
		return;
	p->delivering = true;
	while (p->ready && !p->done) {
		struct span line;

		if (take_line(p, &line)) {
			give(p, line);
		} else if (too_long(p)) {
			p->line++;
			fault(p, "the line is longer than 1 MiB; stopped before it",
			      "mail lines end after at most 998 bytes");
		} else if (p->eof) {
			p->done = true;
			p->handler->ended(p->arg, INPUT_END_FILE, NULL);
		} else if (p->error) {
			fault(p, strerror(p->error), "the lines that could be read were sent");
		} else if (p->watch || !fill(p)) {
			if (p->watch || !(p->eof || p->error))
				break;
		}
	}
	p->delivering = false;
	if (p->watch)
		loop_watch_pause(p->watch, !p->ready || p->done);
}

static void readable(void *arg)
{
	struct pipe_input *p = arg;

	fill(p);
	deliver(p);
}

static void set_ready(struct input *in, bool ready)
{
	struct pipe_input *p = (struct pipe_input *)in;

	p->ready = ready;
	deliver(p);
}

static void no_text(struct input *in, const char *text)
{
	(void)in;
	(void)text;
}

static void no_line(struct input *in, struct span line)
{
	(void)in;
	(void)line;
}

static void no_lines(struct input *in, void (*fn)(void *arg, const char *line), void *arg)
{
	(void)in;
	(void)fn;
	(void)arg;
}

static void no_switch(struct input *in, bool on)
{
	(void)in;
	(void)on;
}

static bool no_clear(struct input *in)
{
	(void)in;
	return false;
}

static void nothing(struct input *in)
{
	(void)in;
}

static int no_width(struct input *in)
{
	(void)in;
	return 0;
}

/* Counts what is there already; a writer that is still at work is waited for a moment only, also
 * one that never ends. */
static size_t left(struct input *in, bool *all)
{
	struct pipe_input *p = (struct pipe_input *)in;
	struct pollfd wait = {STDIN_FILENO, POLLIN, 0};
	int64_t end = clock_ms() + LEFT_MS, ms = LEFT_MS;
	struct span line;
	size_t count = 0;

	for (;;) {
		while (take_line(p, &line))
			count++;
		if (p->eof || p->error || p->done || too_long(p) || ms <= 0)
			break;
		if (poll(&wait, 1, (int)ms) <= 0)
			break;
		fill(p);
		ms = end - clock_ms();
	}
	*all = p->eof;
	return count;
}

static size_t nothing_left(struct input *in, bool *all)
{
	(void)in;
	*all = true;
	return 0;
}

static void release_none(struct input *in)
{
	free(in);
}

struct input *input_none_new(void)
{
	static const struct input_ops none = {
	        .set_prompt = no_text,
	        .set_status = no_text,
	        .set_ready = no_switch,
	        .set_secret = no_switch,
	        .remember = no_line,
	        .each_remembered = no_lines,
	        .clear = no_clear,
	        .suspend = nothing,
	        .resume = nothing,
	        .resized = no_width,
	        .left = nothing_left,
	        .free = release_none,
	};
	struct input *in = mem_zero(sizeof(*in));

	in->ops = &none;
	return in;
}

static void release(struct input *in)
{
	struct pipe_input *p = (struct pipe_input *)in;

	loop_watch_free(p->watch);
	buf_release(&p->bytes);
	free(p);
}

static const struct input_ops ops = {
        .set_prompt = no_text,
        .set_status = no_text,
        .set_ready = set_ready,
        .set_secret = no_switch,
        .remember = no_line,
        .each_remembered = no_lines,
        .clear = no_clear,
        .suspend = nothing,
        .resume = nothing,
        .resized = no_width,
        .left = left,
        .free = release,
};

struct input *input_pipe_new(struct loop *l, const struct input_handler *h, void *arg)
{
	struct pipe_input *p = mem_zero(sizeof(*p));
	struct stat st;

	p->base.ops = &ops;
	p->handler = h;
	p->arg = arg;
	buf_init(&p->bytes, INPUT_LINE_MAX + 2 * PIPE_CHUNK);
	if (fstat(STDIN_FILENO, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(STDIN_FILENO))) {
		p->watch = loop_watch_new(l, STDIN_FILENO, readable, p);
		loop_watch_pause(p->watch, true);
	}
	return &p->base;
}

/*
 * Drawn by the clock and not by what happens, so that a fast run does not spend its time on
 * drawing.
 */
#include "ui/bar.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { BAR_WIDTH = 30, BAR_TICK_MS = 200 };

struct bar {
	struct loop *loop;
	struct loop_timer *timer;
	struct view *view;
	const char *unit;
	size_t total, done, failed;
	int64_t since;
	bool terminal, drawn, visible;
};

static void write_counts(const struct bar *b)
{
	fprintf(stderr, " %zu of %zu %s", b->done, b->total, b->unit);
	if (b->failed > 0)
		fprintf(stderr, ", %zu failed", b->failed);
	fprintf(stderr, ", %lld s", (long long)((clock_ms() - b->since) / 1000));
}

static void take_away(struct bar *b)
{
	if (b->visible)
		fputs("\r\033[K", stderr);
	b->visible = false;
}

static void draw(struct bar *b)
{
	int full = b->total ? (int)(b->done * BAR_WIDTH / b->total) : 0;

	fputs("\r\033[K# [", stderr);
	for (int i = 0; i < BAR_WIDTH; i++)
		fputc(i < full ? '=' : i == full ? '>' : ' ', stderr);
	fputc(']', stderr);
	write_counts(b);
	b->visible = true;
}

static void hide(void *arg)
{
	take_away(arg);
}

static void show(void *arg)
{
	struct bar *b = arg;

	fflush(stdout);
	if (b->drawn)
		draw(b);
}

static void tick(void *arg)
{
	struct bar *b = arg;

	b->drawn = true;
	if (b->terminal) {
		view_flush(b->view);
		draw(b);
	} else {
		view_flush(b->view);
		fputc('#', stderr);
		write_counts(b);
		fputc('\n', stderr);
	}
	loop_timer_free(b->timer);
	b->timer = loop_timer_new(b->loop, b->terminal ? BAR_TICK_MS : BAR_LINE_MS, tick, b);
}

struct bar *bar_new(struct loop *l, struct view *v, const char *unit, size_t total)
{
	struct bar *b = mem_zero(sizeof(*b));
	struct view_guard guard = {hide, show, b};

	b->loop = l;
	b->view = v;
	b->unit = unit;
	b->total = total;
	b->since = clock_ms();
	b->terminal = isatty(STDERR_FILENO);
	b->timer = loop_timer_new(l, b->terminal ? BAR_AFTER_MS : BAR_LINE_MS, tick, b);
	if (b->terminal)
		view_set_guard(v, &guard);
	return b;
}

void bar_free(struct bar *b)
{
	if (!b)
		return;
	if (b->terminal) {
		b->drawn = false; /* what is printed now is not followed by it */
		view_set_guard(b->view, NULL);
		take_away(b);
	}
	loop_timer_free(b->timer);
	free(b);
}

void bar_set(struct bar *b, size_t done, size_t failed)
{
	b->done = done;
	b->failed = failed;
}

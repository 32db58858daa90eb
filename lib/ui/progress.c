/*
 * The first showing waits a moment, because a line that comes and goes within a blink only
 * disturbs; after it the text changes once a second.
 */
#include "ui/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"

enum { PROGRESS_TEXT_MAX = 400 };

void progress_init(struct progress *p, struct loop *l, void (*show)(void *arg, const char *text),
                   void *arg)
{
	*p = (struct progress){.loop = l, .show = show, .arg = arg};
}

void progress_release(struct progress *p)
{
	loop_timer_free(p->timer);
	free(p->text);
	p->timer = NULL;
	p->text = NULL;
}

static void tick(void *arg)
{
	struct progress *p = arg;
	int64_t ms = clock_ms() - p->since;
	struct buf line;

	buf_init(&line, PROGRESS_TEXT_MAX);
	buf_addf(&line, "# %s …", p->text);
	if (ms >= 1000)
		buf_addf(&line, " %lld s", (long long)(ms / 1000));
	loop_timer_free(p->timer);
	p->timer = loop_timer_new(p->loop, 1000 - ms % 1000, tick, p);
	p->show(p->arg, line.data);
	buf_release(&line);
}

void progress_begin(struct progress *p, const char *format, ...)
{
	struct buf text;
	va_list args;

	progress_end(p);
	buf_init(&text, PROGRESS_TEXT_MAX - 40);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	p->text = buf_take(&text);
	p->since = clock_ms();
	p->timer = loop_timer_new(p->loop, PROGRESS_AFTER_MS, tick, p);
}

void progress_end(struct progress *p)
{
	if (!p->text)
		return;
	progress_release(p);
	p->show(p->arg, NULL);
}

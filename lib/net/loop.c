/*
 * The loop is a thin cover over libevent's core. Each handle holds one event and what to call; the
 * trampolines copy the call before they make it and look at the handle no more, so that a callback
 * may free its own handle. SIGPIPE is ignored here because bufferevents write without
 * MSG_NOSIGNAL: a peer that is gone must be an errno value, never the end of the program; SIGXFSZ
 * likewise, for a file that may grow no more.
 */
#include "net/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/loop_base.h"

struct loop {
	struct event_base *base;
	struct loop_orphan *orphans;
	bool closing;
};

struct loop_timer {
	struct loop *loop;
	struct event *event;
	loop_fn *fn;
	void *arg;
};

struct loop_watch {
	struct loop *loop;
	struct event *event;
	loop_fn *fn;
	void *arg;
};

struct loop_signal {
	struct loop *loop;
	struct event *event;
	loop_signal_fn *fn;
	void *arg;
};

/* libevent gives NULL only when memory or descriptors for the base are lost. */
static void *must(void *p)
{
	if (!p) {
		fputs("smtptalk: out of memory\n", stderr);
		exit(70);
	}
	return p;
}

/* libevent would write its warnings into the conversation on the screen. */
static void keep_quiet(int severity, const char *message)
{
	(void)severity, (void)message;
}

/* By the coarse clock, which libevent takes unless told otherwise, a timer may come a tick of the
 * kernel too soon. */
static struct event_base *new_base(void)
{
	struct event_config *config = must(event_config_new());
	struct event_base *base;

	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = must(event_base_new_with_config(config));
	event_config_free(config);
	return base;
}

struct loop *loop_new(void)
{
	struct loop *l = mem_zero(sizeof(*l));

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	event_set_log_callback(keep_quiet);
	l->base = new_base();
	return l;
}

/* Freed bufferevents finish on the loop's next turns; without these turns they would leak. */
void loop_free(struct loop *l)
{
	if (!l)
		return;
	l->closing = true;
	event_base_loop(l->base, EVLOOP_NONBLOCK);
	while (l->orphans) {
		struct loop_orphan *o = l->orphans;

		loop_unadopt(o);
		o->free(o);
	}
	for (int turns = 0; turns < 3; turns++)
		event_base_loop(l->base, EVLOOP_NONBLOCK);
	event_base_free(l->base);
	free(l);
}

void loop_run(struct loop *l)
{
	event_base_dispatch(l->base);
}

void loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

bool loop_closing(const struct loop *l)
{
	return l->closing;
}

struct timeval loop_timeval(int64_t ms)
{
	if (ms < 0)
		ms = 0;
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

void loop_adopt(struct loop *l, struct loop_orphan *o)
{
	o->next = l->orphans;
	o->at = &l->orphans;
	if (o->next)
		o->next->at = &o->next;
	l->orphans = o;
}

void loop_unadopt(struct loop_orphan *o)
{
	if (!o->at)
		return;
	*o->at = o->next;
	if (o->next)
		o->next->at = o->at;
	o->at = NULL;
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd, (void)what;
	if (!t->loop->closing)
		t->fn(t->arg);
}

struct loop_timer *loop_timer_new(struct loop *l, int64_t ms, loop_fn *fn, void *arg)
{
	struct loop_timer *t = mem_zero(sizeof(*t));
	struct timeval tv = loop_timeval(ms);

	*t = (struct loop_timer){.loop = l, .fn = fn, .arg = arg};
	t->event = must(evtimer_new(l->base, timer_fired, t));
	event_add(t->event, &tv);
	return t;
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	event_free(t->event);
	free(t);
}

static void watch_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;

	(void)fd, (void)what;
	if (!w->loop->closing)
		w->fn(w->arg);
}

/* epoll refuses regular files and /dev/null, which are always readable: a repeating immediate
 * timer stands in for the descriptor there. */
static void watch_add(struct loop_watch *w)
{
	struct timeval now = {0, 0};

	if (event_add(w->event, NULL) == 0)
		return;
	event_free(w->event);
	w->event = must(event_new(w->loop->base, -1, EV_PERSIST | EV_TIMEOUT, watch_fired, w));
	event_add(w->event, &now);
}

struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_fn *fn, void *arg)
{
	struct loop_watch *w = mem_zero(sizeof(*w));

	*w = (struct loop_watch){.loop = l, .fn = fn, .arg = arg};
	w->event = must(event_new(l->base, fd, EV_READ | EV_PERSIST, watch_fired, w));
	watch_add(w);
	return w;
}

void loop_watch_pause(struct loop_watch *w, bool paused)
{
	struct timeval now = {0, 0};
	bool always = event_get_fd(w->event) < 0;

	if (paused)
		event_del(w->event);
	else
		event_add(w->event, always ? &now : NULL);
}

void loop_watch_free(struct loop_watch *w)
{
	if (!w)
		return;
	event_free(w->event);
	free(w);
}

static void signal_fired(evutil_socket_t signo, short what, void *arg)
{
	struct loop_signal *s = arg;

	(void)what;
	if (!s->loop->closing)
		s->fn(s->arg, (int)signo);
}

struct loop_signal *loop_signal_new(struct loop *l, int signo, loop_signal_fn *fn, void *arg)
{
	struct loop_signal *s = mem_zero(sizeof(*s));

	*s = (struct loop_signal){.loop = l, .fn = fn, .arg = arg};
	s->event = must(evsignal_new(l->base, signo, signal_fired, s));
	event_add(s->event, NULL);
	return s;
}

void loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	event_free(s->event);
	free(s);
}

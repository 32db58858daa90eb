/*
 * A stream is one bufferevent, on a socket or one half of a pair in memory. Its callbacks are
 * deferred, so nothing ever comes from within a call. The end of the peer is noted when it is seen
 * and told when all bytes before it are delivered.
 *
 * The write deadline does not start again with each byte that the peer takes: it belongs to all
 * that was unsent when the clock started (`mark`). When that much is taken, what has been added
 * meanwhile gets a clock of its own. A peer that takes one byte now and then does not live on it.
 */
#include "net/stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/loop_base.h"

#define WRITE_DEADLINE_MS (5 * 60 * 1000)
#define FINISH_MS         2000
#define WRITE_AT_ONCE     (256 << 10) /* libevent's own limit makes a big message many small writes */

struct stream {
	struct loop_orphan orphan; /* first: finishing streams belong to the loop */
	struct loop *loop;
	struct bufferevent *bev;
	int fd;                 /* -1 for a pair */
	struct stream *partner; /* the other end of a pair, while it lives */
	const struct stream_handler *handler;
	void *arg;
	struct net_address peer, local;

	bool paused;
	bool in_callback, freed; /* freed from within a callback: gone when it returns */
	bool finishing;
	bool ending, ended; /* the end was seen; it was told */
	enum stream_end why;
	int error;

	struct event *clock; /* write deadline; later the time that finishing may take */
	int64_t deadline_ms;
	uint64_t queued, sent, mark; /* bytes since the start */
};

static void stream_destroy(struct stream *s);
static void finish_step(struct stream *s);

static struct evbuffer *input_of(const struct stream *s)
{
	return bufferevent_get_input(s->bev);
}

static struct evbuffer *output_of(const struct stream *s)
{
	return bufferevent_get_output(s->bev);
}

/* --- the write clock --- */

static void clock_start(struct stream *s, int64_t ms)
{
	struct timeval tv = loop_timeval(ms);

	event_add(s->clock, &tv);
}

static void clock_restart(struct stream *s)
{
	s->mark = s->queued;
	if (s->sent == s->queued || s->deadline_ms == 0)
		event_del(s->clock);
	else
		clock_start(s, s->deadline_ms);
}

static void output_changed(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
	struct stream *s = arg;

	(void)output;
	s->sent += info->n_deleted;
	if (info->n_deleted > 0 && s->sent >= s->mark && !s->finishing)
		clock_restart(s);
}

/* --- callbacks to the owner --- */

/* Calls nothing after the owner freed the stream. Whoever begins a callback ends it with this. */
static void callback_done(struct stream *s)
{
	s->in_callback = false;
	if (s->freed)
		stream_destroy(s);
}

/* What is contiguous is delivered without copying; an empty first piece only makes it one. */
static struct span first_piece(struct evbuffer *input)
{
	size_t n = evbuffer_get_contiguous_space(input);

	if (n == 0)
		n = evbuffer_get_length(input);
	return span_from((char *)evbuffer_pullup(input, (ev_ssize_t)n), n);
}

static void deliver_input(struct stream *s)
{
	struct evbuffer *input = input_of(s);

	while (!s->freed && !s->finishing && !s->paused && s->handler &&
	       evbuffer_get_length(input) > 0) {
		struct span piece = first_piece(input);

		s->handler->data(s->arg, piece);
		evbuffer_drain(input, piece.n);
	}
}

static void tell_end(struct stream *s)
{
	bool waits = s->paused && s->why == STREAM_END_EOF;

	if (!s->ending || s->ended || s->freed || s->finishing || !s->handler || waits)
		return;
	s->ended = true;
	event_del(s->clock);
	bufferevent_disable(s->bev, EV_READ);
	s->handler->ended(s->arg, s->why, s->error);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct stream *s = arg;

	(void)bev;
	if (loop_closing(s->loop))
		return;
	if (s->finishing) {
		evbuffer_drain(input_of(s), evbuffer_get_length(input_of(s)));
		finish_step(s);
		return;
	}
	if (s->ended)
		return;
	s->in_callback = true;
	deliver_input(s);
	tell_end(s);
	callback_done(s);
}

static void on_write(struct bufferevent *bev, void *arg)
{
	struct stream *s = arg;

	(void)bev;
	if (loop_closing(s->loop))
		return;
	if (s->finishing) {
		finish_step(s);
		return;
	}
	if (s->ended || !s->handler || !s->handler->drained || stream_unsent(s) > 0)
		return;
	s->in_callback = true;
	s->handler->drained(s->arg);
	callback_done(s);
}

static void end_seen(struct stream *s, enum stream_end why, int error)
{
	if (s->ending)
		return;
	s->ending = true;
	s->why = why;
	s->error = error;
	event_del(s->clock);
}

/* A deferred callback may bring two things at once: a failed write, and the end that was read after
 * it. The error is the cause. */
static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct stream *s = arg;
	int error = EVUTIL_SOCKET_ERROR();

	if (what & BEV_EVENT_ERROR)
		end_seen(s, STREAM_END_ERROR, error ? error : ECONNRESET);
	else if (what & BEV_EVENT_EOF)
		end_seen(s, STREAM_END_EOF, 0);
	on_read(bev, arg);
}

static void on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd, (void)what;
	if (loop_closing(s->loop))
		return;
	if (s->finishing) {
		stream_destroy(s);
		return;
	}
	end_seen(s, STREAM_END_STALLED, 0);
	on_read(s->bev, s);
}

/* --- making --- */

static struct stream *stream_new(struct loop *l, struct bufferevent *bev, int fd)
{
	struct stream *s = mem_zero(sizeof(*s));

	s->loop = l;
	s->bev = bev;
	s->fd = fd;
	s->deadline_ms = WRITE_DEADLINE_MS;
	s->clock = evtimer_new(loop_base(l), on_clock, s);
	bufferevent_setcb(bev, on_read, on_write, on_event, s);
	bufferevent_disable(bev, EV_READ);
	bufferevent_set_max_single_write(bev, WRITE_AT_ONCE);
	evbuffer_add_cb(output_of(s), output_changed, s);
	return s;
}

struct stream *stream_from_socket(struct loop *l, int fd)
{
	int one = 1;
	struct stream *s = stream_new(
	        l, bufferevent_socket_new(loop_base(l), fd, BEV_OPT_DEFER_CALLBACKS), fd);

	/* Fails on AF_UNIX, where nothing needs it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s->peer.len = s->local.len = sizeof(s->peer.sa);
	if (getpeername(fd, (struct sockaddr *)&s->peer.sa, &s->peer.len) != 0)
		s->peer.len = 0;
	if (getsockname(fd, (struct sockaddr *)&s->local.sa, &s->local.len) != 0)
		s->local.len = 0;
	return s;
}

void stream_pair(struct loop *l, const struct net_address *a_is, const struct net_address *b_is,
                 struct stream **a, struct stream **b)
{
	struct bufferevent *pair[2] = {NULL, NULL};

	bufferevent_pair_new(loop_base(l), BEV_OPT_DEFER_CALLBACKS, pair);
	*a = stream_new(l, pair[0], -1);
	*b = stream_new(l, pair[1], -1);
	(*a)->partner = *b;
	(*b)->partner = *a;
	(*a)->local = (*b)->peer = *a_is;
	(*b)->local = (*a)->peer = *b_is;
}

/* --- use --- */

/* Lets on_read() run from the loop: for bytes that wait in the input, and for an end. */
static void stream_wake(struct stream *s)
{
	bufferevent_trigger(s->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static void update_reading(struct stream *s)
{
	if (s->ended || s->finishing)
		return;
	if (s->paused || !s->handler) {
		bufferevent_disable(s->bev, EV_READ);
		return;
	}
	if (!s->ending)
		bufferevent_enable(s->bev, EV_READ);
	if (s->ending || evbuffer_get_length(input_of(s)) > 0)
		stream_wake(s);
}

void stream_handle(struct stream *s, const struct stream_handler *h, void *arg)
{
	s->handler = h;
	s->arg = arg;
	update_reading(s);
}

void stream_pause(struct stream *s, bool paused)
{
	s->paused = paused;
	update_reading(s);
}

/* After an orderly end the peer may still be reading, as after `nc -N`. */
static bool stream_takes(const struct stream *s)
{
	if (s->ended || s->freed || s->finishing)
		return false;
	if (s->fd < 0 && !s->partner)
		return false;
	return !s->ending || s->why == STREAM_END_EOF;
}

int stream_write(struct stream *s, struct span bytes)
{
	if (!stream_takes(s) || bytes.n > STREAM_OUTPUT_MAX - stream_unsent(s))
		return -1;
	if (bytes.n == 0)
		return 0;
	s->queued += bytes.n;
	bufferevent_write(s->bev, bytes.p, bytes.n);
	if (!event_pending(s->clock, EV_TIMEOUT, NULL))
		clock_restart(s);
	return 0;
}

void stream_set_write_deadline(struct stream *s, int64_t ms)
{
	s->deadline_ms = ms;
	clock_restart(s);
}

size_t stream_unsent(const struct stream *s)
{
	return evbuffer_get_length(output_of(s));
}

const struct net_address *stream_peer(const struct stream *s)
{
	return &s->peer;
}

const struct net_address *stream_local(const struct stream *s)
{
	return &s->local;
}

struct loop *stream_loop(const struct stream *s)
{
	return s->loop;
}

/* --- ending --- */

/* The other end of a pair learns of it as a socket would. */
static void part_from_partner(struct stream *s, enum stream_end why, int error)
{
	struct stream *p = s->partner;

	if (!p)
		return;
	s->partner = p->partner = NULL;
	if (p->finishing) {
		clock_start(p, 0);
		return;
	}
	end_seen(p, why, error);
	stream_wake(p);
}

/* The descriptor is closed here and now: libevent itself would do it on a later turn. */
static void stream_destroy(struct stream *s)
{
	part_from_partner(s, STREAM_END_EOF, 0);
	loop_unadopt(&s->orphan);
	evbuffer_remove_cb(output_of(s), output_changed, s);
	bufferevent_disable(s->bev, EV_READ | EV_WRITE);
	bufferevent_free(s->bev);
	if (s->fd >= 0)
		close(s->fd);
	event_free(s->clock);
	free(s);
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	s->freed = true;
	if (!s->in_callback)
		stream_destroy(s);
}

void stream_reset(struct stream *s)
{
	struct linger abort_now = {.l_onoff = 1, .l_linger = 0};

	if (s->fd >= 0)
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &abort_now, sizeof(abort_now));
	part_from_partner(s, STREAM_END_ERROR, ECONNRESET);
	stream_free(s);
}

static void orphan_free(struct loop_orphan *o)
{
	stream_destroy((struct stream *)o);
}

/* Closing a socket that has unread input makes a RST, which can destroy our last words on their
 * way; so the writing side is shut first, and input is read and dropped until the peer's end. */
static void finish_step(struct stream *s)
{
	bool nobody = s->fd < 0 && !s->partner;

	if (nobody || (s->ending && s->why != STREAM_END_EOF)) {
		stream_destroy(s);
		return;
	}
	if (stream_unsent(s) > 0)
		return;
	if (s->fd < 0 || s->ending)
		stream_destroy(s);
	else
		shutdown(s->fd, SHUT_WR);
}

/* All of it happens from the loop, so that a callback may call this too. */
void stream_finish(struct stream *s)
{
	if (!s)
		return;
	s->handler = NULL;
	s->finishing = true;
	s->orphan.free = orphan_free;
	loop_adopt(s->loop, &s->orphan);
	clock_start(s, FINISH_MS);
	if (!s->ending)
		bufferevent_enable(s->bev, EV_READ);
	stream_wake(s);
}

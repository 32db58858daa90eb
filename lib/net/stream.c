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
#include "net/stream_state.h"

#define WRITE_DEADLINE_MS (5 * 60 * 1000)
#define WRITE_NOW         (16 << 10)
#define WRITE_AT_ONCE     (256 << 10) /* libevent's own limit makes a big message many small writes */

static struct evbuffer *wire_input(const struct stream *s)
{
	return bufferevent_get_input(s->bev);
}

/* What the owner is to read. */
static struct evbuffer *input_of(const struct stream *s)
{
	return s->layer ? s->plain : wire_input(s);
}

static struct evbuffer *output_of(const struct stream *s)
{
	return bufferevent_get_output(s->bev);
}

/* --- the write clock --- */

void stream_clock_start(struct stream *s, int64_t ms)
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
		stream_clock_start(s, s->deadline_ms);
}

void stream_output_changed(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
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

/* The owner may put a layer on the stream meanwhile: what is left is then the layer's. */
static void deliver_input(struct stream *s)
{
	struct evbuffer *input = input_of(s);

	while (!s->freed && !s->finishing && !s->ended && !s->paused && !s->quiet && s->handler &&
	       evbuffer_get_length(input) > 0) {
		struct span piece = first_piece(input);

		s->handler->data(s->arg, piece);
		evbuffer_drain(input, piece.n);
	}
}

static void feed_layer(struct stream *s)
{
	struct evbuffer *wire = wire_input(s);

	do {
		struct span piece = first_piece(wire);

		s->layer->input(s->layer_arg, piece);
		evbuffer_drain(wire, piece.n);
	} while (!s->freed && !s->finishing && !s->ended && evbuffer_get_length(wire) > 0);
	if (!s->ending || s->layer_told || s->freed || s->finishing || s->ended)
		return;
	s->layer_told = true;
	s->why = s->layer->ended(s->layer_arg, s->why, s->error);
}

static void tell_end(struct stream *s)
{
	bool in_order = s->why == STREAM_END_EOF || s->why == STREAM_END_CUT;
	bool waits = s->quiet || (s->paused && in_order);

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
		evbuffer_drain(wire_input(s), evbuffer_get_length(wire_input(s)));
		stream_finish_step(s);
		return;
	}
	if (s->ended)
		return;
	s->in_callback = true;
	if (s->layer)
		feed_layer(s);
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
		stream_finish_step(s);
		return;
	}
	if (s->ended || s->quiet || !s->handler || !s->handler->drained || stream_unsent(s) > 0)
		return;
	s->in_callback = true;
	s->handler->drained(s->arg);
	callback_done(s);
}

void stream_end_seen(struct stream *s, enum stream_end why, int error)
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
		stream_end_seen(s, STREAM_END_ERROR, error ? error : ECONNRESET);
	else if (what & BEV_EVENT_EOF)
		stream_end_seen(s, STREAM_END_EOF, 0);
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
	stream_end_seen(s, STREAM_END_STALLED, 0);
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
	evbuffer_add_cb(output_of(s), stream_output_changed, s);
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
void stream_wake(struct stream *s)
{
	bufferevent_trigger(s->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void stream_update_reading(struct stream *s)
{
	if (s->ended || s->finishing)
		return;
	if (!s->quiet && (s->paused || !s->handler)) {
		bufferevent_disable(s->bev, EV_READ);
		return;
	}
	if (!s->ending)
		bufferevent_enable(s->bev, EV_READ);
	if (s->ending || evbuffer_get_length(input_of(s)) > 0 ||
	    evbuffer_get_length(wire_input(s)) > 0)
		stream_wake(s);
}

void stream_handle(struct stream *s, const struct stream_handler *h, void *arg)
{
	s->handler = h;
	s->arg = arg;
	stream_update_reading(s);
}

void stream_pause(struct stream *s, bool paused)
{
	s->paused = paused;
	stream_update_reading(s);
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

/* A line goes out at once when nothing waits before it: to wait for the loop to find the socket
 * writable, as it nearly always is, costs more than to send. What does not fit, and every error, is
 * left to the bufferevent. What is large waits for the loop, where others have their turn, too. */
static size_t write_now(struct stream *s, struct span bytes)
{
	ssize_t n = 0;

	if (s->fd >= 0 && bytes.n <= WRITE_NOW && stream_unsent(s) == 0)
		n = send(s->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n > 0 ? (size_t)n : 0;
}

void stream_wire_write(struct stream *s, struct span bytes)
{
	size_t done = write_now(s, bytes);

	s->queued += bytes.n;
	s->sent += done;
	bytes = span_skip(bytes, done);
	if (bytes.n > 0)
		bufferevent_write(s->bev, bytes.p, bytes.n);
	if (!event_pending(s->clock, EV_TIMEOUT, NULL))
		clock_restart(s);
}

int stream_write(struct stream *s, struct span bytes)
{
	size_t unsent = stream_unsent(s);

	if (!stream_takes(s) || unsent > STREAM_OUTPUT_MAX || bytes.n > STREAM_OUTPUT_MAX - unsent)
		return -1;
	if (bytes.n == 0)
		return 0;
	if (s->layer)
		return s->layer->output(s->layer_arg, bytes);
	stream_wire_write(s, bytes);
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

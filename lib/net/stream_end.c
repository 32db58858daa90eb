/*
 * How a stream ends from this side. A stream that still has something to send outlives its owner
 * as an orphan of the loop; a stream that is freed closes at once, and the other end of a pair
 * learns of it as the peer of a socket would.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream_state.h"

#define FINISH_MS 2000

/* The other end of a pair learns of it as a socket would. */
static void part_from_partner(struct stream *s, enum stream_end why, int error)
{
	struct stream *p = s->partner;

	if (!p)
		return;
	s->partner = p->partner = NULL;
	if (p->finishing) {
		stream_clock_start(p, 0);
		return;
	}
	stream_end_seen(p, why, error);
	stream_wake(p);
}

/* The descriptor is closed here and now: libevent itself would do it on a later turn. */
void stream_destroy(struct stream *s)
{
	part_from_partner(s, STREAM_END_EOF, 0);
	loop_unadopt(&s->orphan);
	if (s->layer)
		s->layer->free(s->layer_arg);
	if (s->plain)
		evbuffer_free(s->plain);
	evbuffer_remove_cb(bufferevent_get_output(s->bev), stream_output_changed, s);
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

/* A RST overtakes what is unsent. */
static void break_off(struct stream *s)
{
	struct linger abort_now = {.l_onoff = 1, .l_linger = 0};

	if (s->fd >= 0)
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &abort_now, sizeof(abort_now));
	part_from_partner(s, STREAM_END_ERROR, ECONNRESET);
}

void stream_reset(struct stream *s)
{
	break_off(s);
	stream_free(s);
}

void stream_end_with_reset(struct stream *s)
{
	s->with_reset = true;
}

static void orphan_free(struct loop_orphan *o)
{
	struct stream *s = (struct stream *)o;

	if (s->with_reset)
		break_off(s);
	stream_destroy(s);
}

/* Closing a socket that has unread input makes a RST, which can destroy our last words on their
 * way; so the writing side is shut first, and input is read and dropped until the peer's end. */
void stream_finish_step(struct stream *s)
{
	bool nobody = s->fd < 0 && !s->partner;

	if (nobody || (s->ending && s->why != STREAM_END_EOF)) {
		stream_destroy(s);
		return;
	}
	if (stream_unsent(s) > 0)
		return;
	if (s->fd < 0 || s->ending || s->with_reset)
		orphan_free(&s->orphan);
	else
		shutdown(s->fd, SHUT_WR);
}

/* All of it happens from the loop, so that a callback may call this too. */
void stream_finish(struct stream *s)
{
	if (!s)
		return;
	if (s->layer && !s->with_reset)
		s->layer->close(s->layer_arg);
	s->handler = NULL;
	s->finishing = true;
	s->orphan.free = orphan_free;
	loop_adopt(s->loop, &s->orphan);
	stream_clock_start(s, FINISH_MS);
	if (!s->ending)
		bufferevent_enable(s->bev, EV_READ);
	stream_wake(s);
}

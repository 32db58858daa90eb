/*
 * The layer's view of its stream. Everything that calls the owner stays in stream.c: a layer only
 * leaves bytes and ends there, and they are told in their order from the loop.
 */
#include "net/stream_layer.h"

#include <event2/buffer.h>

#include "net/stream_state.h"

void stream_layer_set(struct stream *s, const struct stream_layer *layer, void *arg)
{
	s->layer = layer;
	s->layer_arg = arg;
	s->plain = evbuffer_new();
	s->quiet = true;
	stream_update_reading(s);
	stream_wake(s);
}

void stream_layer_wake(struct stream *s)
{
	stream_wake(s);
}

void stream_layer_open(struct stream *s)
{
	s->quiet = false;
	stream_update_reading(s);
}

int stream_layer_send(struct stream *s, struct span wire)
{
	bool dead =
	        s->ended || (s->ending && s->why != STREAM_END_EOF) || (s->fd < 0 && !s->partner);

	if (dead)
		return -1;
	if (wire.n > 0)
		stream_wire_write(s, wire);
	return 0;
}

void stream_layer_deliver(struct stream *s, struct span plain)
{
	evbuffer_add(s->plain, plain.p, plain.n);
}

void stream_layer_end(struct stream *s, enum stream_end why, int error)
{
	if (s->layer_told)
		return;
	s->layer_told = true;
	s->ending = false; /* what ended the wire after these bytes matters no more */
	stream_end_seen(s, why, error);
}

/* What was handed over before (an alert, say) may still be sent by stream_finish(). */
void stream_layer_kill(struct stream *s)
{
	stream_end_seen(s, STREAM_END_EOF, 0);
	s->layer_told = s->ended = true;
	event_del(s->clock);
	bufferevent_disable(s->bev, EV_READ);
}

void *stream_layer_arg(const struct stream *s, const struct stream_layer *layer)
{
	return s->layer == layer ? s->layer_arg : NULL;
}

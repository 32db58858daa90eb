/*
 * stream_state: the inside of a stream, for stream.c, stream_end.c and stream_layer.c.
 */
#ifndef NET_STREAM_STATE_H
#define NET_STREAM_STATE_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "net/loop_base.h"
#include "net/stream.h"
#include "net/stream_layer.h"

struct stream {
	struct loop_orphan orphan; /* first: finishing streams belong to the loop */
	struct loop *loop;
	struct bufferevent *bev;
	int fd;                 /* -1 for a pair */
	struct stream *partner; /* the other end of a pair, while it lives */
	const struct stream_handler *handler;
	void *arg;
	struct net_address peer, local;

	const struct stream_layer *layer; /* NULL: the wire is plain */
	void *layer_arg;
	struct evbuffer *plain; /* what the layer made of the wire's bytes */
	bool quiet;             /* the layer is not open yet */
	bool layer_told;        /* that the wire has ended */

	bool paused;
	bool in_callback, freed; /* freed from within a callback: gone when it returns */
	bool finishing;
	bool with_reset;    /* that is how it finishes */
	bool ending, ended; /* the end was seen; it was told */
	enum stream_end why;
	int error;

	struct event *clock; /* write deadline; later the time that finishing may take */
	int64_t deadline_ms;
	uint64_t queued, sent, mark; /* bytes since the start */
};

/* stream.c */
void stream_output_changed(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg);
void stream_clock_start(struct stream *s, int64_t ms);
void stream_end_seen(struct stream *s, enum stream_end why, int error);
void stream_wake(struct stream *s); /* lets the stream look at its input and end from the loop */
void stream_update_reading(struct stream *s);
/* Hands bytes to the wire, whatever they are; the cap is for who calls. */
void stream_wire_write(struct stream *s, struct span bytes);
/* stream_end.c */
void stream_destroy(struct stream *s);
void stream_finish_step(struct stream *s);

#endif

/*
 * stream: a two-way flow of bytes on the loop: a socket, or one end of a pair inside the process.
 *
 * A stream is owned by who got it. Callbacks come from the loop, never from within a call on the
 * stream. After `ended` no other callback comes; the stream is still to be freed. Freeing from
 * within a callback is allowed. Unsent output is capped at STREAM_OUTPUT_MAX: more fails.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "net/address.h"
#include "net/loop.h"

#define STREAM_OUTPUT_MAX (8u << 20)

enum stream_end {
	STREAM_END_EOF,     /* the peer closed in order */
	STREAM_END_ERROR,   /* `error` is an errno value: ECONNRESET, EPIPE, … */
	STREAM_END_STALLED, /* the peer took nothing for the whole write deadline */
	STREAM_END_CUT,     /* TLS: the peer, or somebody on the way, closed without close_notify */
};

struct stream_handler {
	void (*data)(void *arg, struct span bytes);
	void (*ended)(void *arg, enum stream_end why, int error);
	void (*drained)(void *arg); /* output had to wait, and all is handed over; may be NULL */
};

struct stream;

/* Handler and arg may be set later, and changed; bytes that come before are kept. */
void stream_handle(struct stream *s, const struct stream_handler *h, void *arg);
/* 0, or -1 when it has ended or the cap would be passed. The deadline (stream_set_write_deadline)
 * is for all of what is unsent, from the moment when something became unsent. */
int stream_write(struct stream *s, struct span bytes);
void stream_set_write_deadline(struct stream *s, int64_t ms); /* 0: none; default 5 minutes */
size_t stream_unsent(const struct stream *s);
void stream_pause(struct stream *s, bool paused); /* stop reading: the peer feels it */
/* Sends what is unsent, as long as the peer takes it (at most 2 s), then closes and frees. No
 * callback comes any more. */
void stream_finish(struct stream *s);
void stream_reset(struct stream *s); /* closes with a RST where it can, and frees */
/* From now on stream_finish() ends it with a RST where it can, and without TLS's goodbye. */
void stream_end_with_reset(struct stream *s);
void stream_free(struct stream *s); /* closes at once; NULL is allowed */

const struct net_address *stream_peer(const struct stream *s);
const struct net_address *stream_local(const struct stream *s);
struct loop *stream_loop(const struct stream *s);

/* Two ends joined inside the process, with the addresses each shall report: *a's peer is `b_is`. */
void stream_pair(struct loop *l, const struct net_address *a_is, const struct net_address *b_is,
                 struct stream **a, struct stream **b);
/* Takes over a connected, non-blocking socket (TCP_NODELAY is set on TCP). */
struct stream *stream_from_socket(struct loop *l, int fd);

#endif

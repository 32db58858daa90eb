/*
 * stream_layer: a protocol between a stream's owner and the wire, such as TLS.
 *
 * Only for lib/net. The stream keeps its sockets, clocks, callbacks and their order; the layer
 * turns what came from the wire into what the owner reads, and what the owner writes into what goes
 * to the wire. A new layer is `quiet`: the owner hears nothing until stream_layer_open().
 */
#ifndef NET_STREAM_LAYER_H
#define NET_STREAM_LAYER_H

#include "net/stream.h"

struct stream_layer {
	/* Bytes of the wire, none when the stream was only woken. All of them are taken. */
	void (*input)(void *arg, struct span wire);
	int (*output)(void *arg, struct span plain); /* of stream_write() */
	/* The wire has ended, once: how the owner shall hear it. */
	enum stream_end (*ended)(void *arg, enum stream_end why, int error);
	void (*close)(void *arg); /* the owner will write no more: say so to the peer */
	void (*free)(void *arg);
};

/* What is still unread goes to the layer too. */
void stream_layer_set(struct stream *s, const struct stream_layer *layer, void *arg);
void stream_layer_wake(struct stream *s); /* input() will be called from the loop */
void stream_layer_open(struct stream *s);
int stream_layer_send(struct stream *s, struct span wire);
void stream_layer_deliver(struct stream *s, struct span plain);
/* The end, as the layer sees it; after EOF writing goes on. */
void stream_layer_end(struct stream *s, enum stream_end why, int error);
/* The end, of which the layer tells the owner itself. */
void stream_layer_kill(struct stream *s);
/* The argument of this layer, or NULL when it is not the stream's. */
void *stream_layer_arg(const struct stream *s, const struct stream_layer *layer);

#endif

/*
 * http_reply: one reply of HTTP/1.1, read from the bytes of a connection that carries only this one
 * (RFC 9112): status line, the two fields that matter here, and the body by length, in chunks, or
 * to the end of the connection.
 *
 * Does no I/O. Owns its strings and its body, which are the server's and not safe to show. Limits:
 * the cap of the body, HTTP_HEAD_MAX bytes before it. What breaks a rule or a limit is a fault in
 * words; nothing after that is looked at.
 */
#ifndef NET_HTTP_REPLY_H
#define NET_HTTP_REPLY_H

#include <stdbool.h>

#include "base/buf.h"

#define HTTP_HEAD_MAX (16u << 10)

enum http_progress { HTTP_MORE, HTTP_DONE, HTTP_FAULT };

struct http_reply {
	int status;     /* 0: none came yet */
	char *type;     /* the value of Content-Type, or NULL */
	char *location; /* of Location, or NULL */
	struct buf body;
	const char *fault; /* a sentence part about the reply, or NULL */
	bool too_long;     /* the fault is the cap of the body */

	/* private */
	int state;
	struct buf line;
	size_t head;            /* bytes of lines so far */
	unsigned long long due; /* bytes of the body, or of the chunk, to come */
	bool chunked, sized;
};

void http_reply_init(struct http_reply *r, size_t body_max);
void http_reply_release(struct http_reply *r);
enum http_progress http_reply_feed(struct http_reply *r, struct span bytes);
/* The connection is at its end. HTTP_DONE or HTTP_FAULT. */
enum http_progress http_reply_end(struct http_reply *r);

#endif

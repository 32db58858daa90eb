/*
 * mime: the parts of a message, decoded (RFC 2045, RFC 2046).
 *
 * As much of MIME as a bounce needs: multipart bodies, base64 and quoted-printable, charsets
 * through iconv(). No library: those of the distribution that walk MIME bring an object system with
 * them that takes longer to load than this program takes to answer, and what is needed is three
 * hundred lines. Hostile input: depth, number of parts and bytes that are decoded are capped,
 * whatever the message says; what is beyond is left out, and `limited` is set.
 */
#ifndef EXPLAIN_MIME_H
#define EXPLAIN_MIME_H

#include <stdbool.h>

#include "base/buf.h"

#define MIME_DEPTH_MAX 10
#define MIME_PARTS_MAX 100
#define MIME_BYTES_MAX (1u << 20) /* of all decoded parts together */

struct mime_part {
	struct span type;   /* "text/plain", in the case of the message */
	struct span header; /* of the part, raw */
	struct span body;   /* decoded and, when it is text, in UTF-8; good during the callback */
};

struct mime_walk {
	void (*part)(void *arg, const struct mime_part *p); /* each part that has no parts itself */
	void *arg;
	size_t parts, bytes;
	bool limited;   /* there was more than the limits allow */
	bool truncated; /* a multipart body without its closing line */
};

/* Calls w->part for each part of the message, in order. Set part and arg, the rest to zero. */
void mime_walk(struct mime_walk *w, struct span message);
/* Parts header and body. The body is empty when there is none. */
void mime_split(struct span message, struct span *header, struct span *body);
/* Appends the first field of that name, unfolded and trimmed. False: there is none. */
bool mime_field(struct span header, const char *name, struct buf *out);
/* Appends the value of `name=` in a field's value. False: there is none. */
bool mime_parameter(struct span value, const char *name, struct buf *out);
/* Appends text in UTF-8; bytes that are wrong in that charset become "?". */
void mime_to_utf8(struct span text, struct span charset, struct buf *out);

#endif
